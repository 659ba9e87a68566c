"""The FLUX stack of the bench in plain torch: the yardstick.

Usage: flux_stack.py WEIGHTS INPUTS THREADS [DTYPE], float32 unless told. Each line on stdin is one run; the first may name a file for the output.
Answers in JSON lines: {"torch": version} when ready, then {"ms", "peakBytes"} per run.
Keys and order of operations are those of FLUX.1 in a diffusers checkpoint.
"""

import ctypes
import json
import resource
import sys
import time

import torch
import torch.nn.functional as F

EPS = 1e-6


def load(path):
    """Tensors of a float32 safetensors file, read straight into torch's own aligned memory."""
    with open(path, "rb") as file:
        header = json.loads(file.read(int.from_bytes(file.read(8), "little")))
        start = file.tell()
        tensors = {}
        for name, entry in header.items():
            tensor = torch.empty(entry["shape"], dtype=torch.float32)
            file.seek(start + entry["data_offsets"][0])
            file.readinto(memory_of(tensor))
            tensors[name] = tensor
    return tensors


def memory_of(tensor):
    return (ctypes.c_char * (tensor.numel() * 4)).from_address(tensor.data_ptr())


class Stack:
    """Its shape is that of its weights: size of heads, number of blocks, whether there is guidance."""

    def __init__(self, weights):
        self.weights = weights
        self.head_dim = weights["single_transformer_blocks.0.attn.norm_q.weight"].shape[0]
        numbers = lambda kind: {int(name.split(".")[1]) for name in weights if name.startswith(f"{kind}.")}
        self.doubles, self.singles = len(numbers("transformer_blocks")), len(numbers("single_transformer_blocks"))

    def linear(self, key, x):
        return F.linear(x, self.weights[f"{key}.weight"], self.weights[f"{key}.bias"])

    def heads(self, prefix, names, x):
        """[B, L, hidden] -> q, k, v [B, heads, L, d], with q and k normalized per head."""
        q_name, k_name, v_name, q_norm, k_norm = names
        split = lambda key: self.linear(f"{prefix}.{key}", x).unflatten(-1, (-1, self.head_dim)).transpose(1, 2)
        norm = lambda key, y: F.rms_norm(y, (self.head_dim,), self.weights[f"{prefix}.{key}.weight"], EPS)
        return norm(q_norm, split(q_name)), norm(k_norm, split(k_name)), split(v_name)

    def modulation(self, key, vec, count):
        return self.linear(key, vec).unsqueeze(1).chunk(count, dim=-1)

    def embed(self, key, x):
        key = f"time_text_embed.{key}"
        return self.linear(f"{key}.linear_2", F.silu(self.linear(f"{key}.linear_1", x)))

    def double(self, prefix, txt, img, vec, rotary):
        img_mod = self.modulation(f"{prefix}.norm1.linear", vec, 6)
        txt_mod = self.modulation(f"{prefix}.norm1_context.linear", vec, 6)
        img_names = ("to_q", "to_k", "to_v", "norm_q", "norm_k")
        txt_names = ("add_q_proj", "add_k_proj", "add_v_proj", "norm_added_q", "norm_added_k")
        of_img = self.heads(f"{prefix}.attn", img_names, modulated(img, img_mod[0], img_mod[1]))
        of_txt = self.heads(f"{prefix}.attn", txt_names, modulated(txt, txt_mod[0], txt_mod[1]))
        mixed = attend(*(torch.cat(pair, dim=2) for pair in zip(of_txt, of_img)), rotary)
        txt_mixed, img_mixed = mixed.split((txt.shape[1], img.shape[1]), dim=1)

        def finish(x, attended, mod, out, mlp):
            x = x + mod[2] * self.linear(f"{prefix}.{out}", attended)
            hidden = self.linear(f"{prefix}.{mlp}.net.0.proj", modulated(x, mod[3], mod[4]))
            return x + mod[5] * self.linear(f"{prefix}.{mlp}.net.2", F.gelu(hidden, approximate="tanh"))

        return (
            finish(txt, txt_mixed, txt_mod, "attn.to_add_out", "ff_context"),
            finish(img, img_mixed, img_mod, "attn.to_out.0", "ff"),
        )

    def single(self, prefix, x, vec, rotary):
        shift, scale, gate = self.modulation(f"{prefix}.norm.linear", vec, 3)
        normal = modulated(x, shift, scale)
        mixed = attend(*self.heads(f"{prefix}.attn", ("to_q", "to_k", "to_v", "norm_q", "norm_k"), normal), rotary)
        mlp = F.gelu(self.linear(f"{prefix}.proj_mlp", normal), approximate="tanh")
        return x + gate * self.linear(f"{prefix}.proj_out", torch.cat((mixed, mlp), dim=-1))

    def __call__(self, latents, text, pooled, timestep, cos, sin, guidance=None, rows=None, kept=None):
        """Velocity of the first `kept` tokens behind the text; `rows` are added to what latents are embedded as."""
        vec = self.embed("timestep_embedder", timestep) + self.embed("text_embedder", pooled)
        if guidance is not None:
            vec = vec + self.embed("guidance_embedder", guidance)
        vec = F.silu(vec)
        txt = self.linear("context_embedder", text)
        img = self.linear("x_embedder", latents)
        if rows is not None:
            img = img + rows
        for i in range(self.doubles):
            txt, img = self.double(f"transformer_blocks.{i}", txt, img, vec, (cos, sin))
        x = torch.cat((txt, img), dim=1)
        for i in range(self.singles):
            x = self.single(f"single_transformer_blocks.{i}", x, vec, (cos, sin))
        scale, shift = self.modulation("norm_out.linear", vec, 2)
        wanted = x[:, txt.shape[1] :][:, :kept]
        return self.linear("proj_out", modulated(wanted, shift, scale))


def modulated(x, shift, scale):
    return F.layer_norm(x, x.shape[-1:], eps=EPS) * (1 + scale) + shift


def attend(q, k, v, rotary):
    """q, k, v [B, heads, L, d] -> [B, L, heads * d]."""
    mixed = F.scaled_dot_product_attention(rotate(q, rotary), rotate(k, rotary), v)
    return mixed.transpose(1, 2).flatten(2)


def rotate(x, rotary):
    """Rotates neighbours (2i, 2i + 1); cos and sin are [L, d / 2]."""
    cos, sin = rotary
    even, odd = x[..., 0::2], x[..., 1::2]
    return torch.stack((even * cos - odd * sin, even * sin + odd * cos), dim=-1).flatten(-2)


def main():
    weights, inputs, threads, dtype = (*sys.argv[1:], "float32")[:4]
    to_dtype = lambda tensors: {name: tensor.to(getattr(torch, dtype)) for name, tensor in tensors.items()}
    stack, feeds = Stack(to_dtype(load(weights))), to_dtype(load(inputs))
    serve(lambda: stack(**feeds), threads)


def serve(compute, threads):
    """One run for each line on stdin; a line may name a file for the output."""
    torch.set_num_threads(int(threads))
    answer({"torch": torch.__version__})
    with torch.inference_mode():
        for line in sys.stdin:
            start = time.perf_counter()
            output = compute()
            milliseconds = (time.perf_counter() - start) * 1000
            if line.strip():
                output = output.float().contiguous()
                with open(line.strip(), "wb") as file:
                    file.write(memory_of(output))
            answer({"ms": milliseconds, "peakBytes": peak_bytes()})


def peak_bytes():
    # ru_maxrss: kilobytes on Linux, bytes on macOS.
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


def answer(value):
    print(json.dumps(value), flush=True)


if __name__ == "__main__":
    main()
