"""python -m training.focal: the commands, one module each."""

from training.commands import main

if __name__ == "__main__":
    main("training.focal", ("hear", "code", "train", "evaluate", "export", "level"))
