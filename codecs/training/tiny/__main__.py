"""python -m training.tiny: the commands, one module each."""

from training.commands import main

if __name__ == "__main__":
    main("training.tiny", ("prepare", "train", "evaluate", "export", "level"))
