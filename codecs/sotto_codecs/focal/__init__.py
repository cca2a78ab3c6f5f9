"""FocalCodec-Stream (arXiv 2509.16195), written anew: 550, 600 or 800 bit/s, 80 ms of delay.

What a call needs stands here and runs on ONNX Runtime. `network` is the same in torch: published
checkpoints are loaded into it and exported from it, and only that needs the extra [torch].
"""
