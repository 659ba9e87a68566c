"""One training step of the mini transformer in eager torch, float32: flow matching, backward, clipping, AdamW.

Usage: training_step.py WEIGHTS INPUTS THREADS. Each line on stdin is one step on the same batch.
Answers in JSON lines: {"torch": version} when ready, then {"ms", "loss", "peakBytes"} per step.
"""

import sys
import time

import flux_stack
import torch
import torch.nn.functional as F
from flux_stack import Stack, answer, load, modulated, peak_bytes

flux_stack.HEAD_DIM = 32
DOUBLES, SINGLES, RATE = 2, 4, 1e-3


def flow_loss(stack, latents, noise, time, text, pooled, timestep, cos, sin):
    share = time.view(-1, 1, 1)
    vec = F.silu(stack.embed("timestep_embedder", timestep) + stack.embed("text_embedder", pooled))
    txt = stack.linear("context_embedder", text)
    img = stack.linear("x_embedder", latents * (1 - share) + noise * share)
    for i in range(DOUBLES):
        txt, img = stack.double(f"transformer_blocks.{i}", txt, img, vec, (cos, sin))
    x = torch.cat((txt, img), dim=1)
    for i in range(SINGLES):
        x = stack.single(f"single_transformer_blocks.{i}", x, vec, (cos, sin))
    scale, shift = stack.modulation("norm_out.linear", vec, 2)
    velocity = stack.linear("proj_out", modulated(x[:, txt.shape[1] :], shift, scale))
    return (velocity - (noise - latents)).square().mean()


def main():
    weights, inputs, threads = sys.argv[1:]
    torch.set_num_threads(int(threads))
    parameters, feeds = load(weights), load(inputs)
    for tensor in parameters.values():
        tensor.requires_grad_(True)
    optimizer = torch.optim.AdamW(parameters.values(), lr=RATE, weight_decay=0.01, foreach=True)
    stack = Stack(parameters)
    answer({"torch": torch.__version__})
    for _ in sys.stdin:
        start = time.perf_counter()
        optimizer.zero_grad()
        loss = flow_loss(stack, **feeds)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(parameters.values(), 1.0)
        optimizer.step()
        milliseconds = (time.perf_counter() - start) * 1000
        answer({"ms": milliseconds, "loss": loss.item(), "peakBytes": peak_bytes()})


main()
