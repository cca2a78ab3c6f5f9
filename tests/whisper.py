"""A real Whisper, small enough to make in a test, that always says the same."""

from pathlib import Path
from typing import Any

import pytest

MARKS = tuple(
    f"<|{mark}|>"
    for mark in (
        "endoftext startoftranscript translate transcribe startoflm startofprev nospeech "
        "notimestamps"
    ).split()
)


def small_whisper(source: Path, folder: Path, words: str) -> None:
    """A real Whisper of one layer whose positions, not its ears, say what comes next."""
    for package in ("torch", "transformers", "ctranslate2", "faster_whisper"):
        pytest.importorskip(package, reason=f"no {package}: pip install '.[torch]' faster-whisper")
    import torch
    from ctranslate2.converters import TransformersConverter
    from transformers import WhisperForConditionalGeneration

    torch.manual_seed(0)
    tokenizer = letters_and_marks(source)
    marks = tokenizer.get_vocab()
    said = ["<|0.00|>", *tokenizer.tokenize(words), "<|1.00|>", "<|endoftext|>"]
    network = WhisperForConditionalGeneration(tiny_config(marks))
    decoder = network.model.decoder
    with torch.no_grad():
        for name, weight in decoder.layers.named_parameters():
            if "out_proj" in name or "fc2" in name:
                weight.zero_()
        tokens = decoder.embed_tokens.weight
        tokens.copy_(4 * torch.nn.functional.normalize(torch.randn_like(tokens)))
        for place, token in enumerate(said):  # an English model is asked with one mark
            decoder.embed_positions.weight[place] = 50 * tokens[marks[token]]
    network.save_pretrained(source)
    TransformersConverter(str(source), copy_files=["tokenizer.json"]).convert(str(folder))


def letters_and_marks(folder: Path) -> Any:
    """Whisper's tokenizer with nothing but single letters."""
    from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers
    from transformers import PreTrainedTokenizerFast

    letters = sorted(pre_tokenizers.ByteLevel.alphabet())
    tokenizer = Tokenizer(models.BPE({letter: n for n, letter in enumerate(letters)}, merges=[]))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.add_special_tokens(list(MARKS))
    times = [AddedToken(f"<|{step * 0.02:.2f}|>") for step in range(1501)]
    tokenizer.add_tokens(times)
    make: Any = PreTrainedTokenizerFast  # which has no types
    whole = make(tokenizer_object=tokenizer, unk_token=MARKS[0])
    whole.save_pretrained(folder)
    return whole


def tiny_config(marks: dict[str, int]) -> Any:
    from transformers import WhisperConfig

    end, start = marks["<|endoftext|>"], marks["<|startoftranscript|>"]
    return WhisperConfig(
        vocab_size=len(marks),
        d_model=64,
        encoder_layers=1,
        encoder_attention_heads=2,
        encoder_ffn_dim=16,
        decoder_layers=1,
        decoder_attention_heads=2,
        decoder_ffn_dim=16,
        bos_token_id=end,
        eos_token_id=end,
        pad_token_id=end,
        decoder_start_token_id=start,
        begin_suppress_tokens=[],
    )
