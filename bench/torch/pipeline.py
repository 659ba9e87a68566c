"""The mini model's whole pipeline in plain torch: prompts, references, steps with true guidance, decoding.

Usage: pipeline.py WEIGHTS INPUTS THREADS. Each line on stdin is one picture; it may name a file for the decoder's output.
WEIGHTS has all parts under prefixes, LoRA fused; INPUTS what is looked up or drawn before: token embeddings, noise, tables.
"""

import sys

import torch
import torch.nn.functional as F
from flux_stack import Stack, load, serve

TEXT_LAYERS, TEXT_HEADS, CLIP_EPS = 2, 4, 1e-5
BUCKETS, FARTHEST = 32, 128
VAE_BLOCKS, VAE_RESNETS, VAE_GROUPS, VAE_EPS = 4, 1, 4, 1e-6


class Part:
    """Weights of one part, by keys without its prefix."""

    def __init__(self, weights, prefix):
        self.weights = {name[len(prefix) :]: w for name, w in weights.items() if name.startswith(prefix)}

    def __getitem__(self, key):
        return self.weights[key]

    def linear(self, key, x):
        return F.linear(x, self[f"{key}.weight"], self.weights.get(f"{key}.bias"))


def heads(x):
    return x.unflatten(-1, (TEXT_HEADS, -1)).transpose(1, 2)


def joined(x):
    return x.transpose(1, 2).flatten(2)


def t5(p, x):
    """Token embeddings [1, L, d] -> last state."""
    norm = lambda key, y: F.rms_norm(y, y.shape[-1:], p[f"{key}.weight"], 1e-6)
    bias = position_bias(p, x.shape[1])
    for i in range(TEXT_LAYERS):
        layer = f"encoder.block.{i}.layer"
        y = norm(f"{layer}.0.layer_norm", x)
        q, k, v = (heads(p.linear(f"{layer}.0.SelfAttention.{key}", y)) for key in "qkv")
        mixed = F.scaled_dot_product_attention(q, k, v, attn_mask=bias, scale=1.0)
        x = x + p.linear(f"{layer}.0.SelfAttention.o", joined(mixed))
        y = norm(f"{layer}.1.layer_norm", x)
        dense = f"{layer}.1.DenseReluDense"
        gate = F.gelu(p.linear(f"{dense}.wi_0", y), approximate="tanh")
        x = x + p.linear(f"{dense}.wo", gate * p.linear(f"{dense}.wi_1", y))
    return norm("encoder.final_layer_norm", x)


def position_bias(p, length):
    at = torch.arange(length)
    distance = at[None, :] - at[:, None]
    half, exact = BUCKETS // 2, BUCKETS // 4
    away = distance.abs()
    ratio = torch.log(away.clamp(min=1).float() / exact) / torch.log(torch.tensor(FARTHEST / exact))
    far = (exact + (ratio * (half - exact)).floor().long()).clamp(max=half - 1)
    bucket = (distance > 0) * half + torch.where(away < exact, away, far)
    table = p["encoder.block.0.layer.0.SelfAttention.relative_attention_bias.weight"]
    return table[bucket].permute(2, 0, 1)[None]


def clip(p, x, at):
    """Token embeddings [1, L, d] -> the state at one position, [1, d]."""
    norm = lambda key, y: F.layer_norm(y, y.shape[-1:], p[f"{key}.weight"], p[f"{key}.bias"], CLIP_EPS)
    x = x + p["text_model.embeddings.position_embedding.weight"][: x.shape[1]]
    for i in range(TEXT_LAYERS):
        layer = f"text_model.encoder.layers.{i}"
        y = norm(f"{layer}.layer_norm1", x)
        q, k, v = (heads(p.linear(f"{layer}.self_attn.{key}_proj", y)) for key in "qkv")
        mixed = F.scaled_dot_product_attention(q, k, v, is_causal=True)
        x = x + p.linear(f"{layer}.self_attn.out_proj", joined(mixed))
        y = p.linear(f"{layer}.mlp.fc1", norm(f"{layer}.layer_norm2", x))
        x = x + p.linear(f"{layer}.mlp.fc2", y * torch.sigmoid(1.702 * y))
    return norm("text_model.final_layer_norm", x)[:, int(at)]


class Autoencoder(Part):
    def conv(self, key, x, **options):
        w = self[f"{key}.weight"]
        return F.conv2d(x, w, self[f"{key}.bias"], **{"padding": w.shape[-1] // 2, **options})

    def norm(self, key, x):
        return F.group_norm(x, VAE_GROUPS, self[f"{key}.weight"], self[f"{key}.bias"], VAE_EPS)

    def resnet(self, key, x):
        y = self.conv(f"{key}.conv1", F.silu(self.norm(f"{key}.norm1", x)))
        y = self.conv(f"{key}.conv2", F.silu(self.norm(f"{key}.norm2", y)))
        has_shortcut = f"{key}.conv_shortcut.weight" in self.weights
        return y + (self.conv(f"{key}.conv_shortcut", x) if has_shortcut else x)

    def middle(self, key, x):
        x = self.resnet(f"{key}.resnets.0", x)
        at = f"{key}.attentions.0"
        tokens = self.norm(f"{at}.group_norm", x).flatten(2).transpose(1, 2)
        q, k, v = (self.linear(f"{at}.to_{name}", tokens)[:, None] for name in "qkv")
        mixed = self.linear(f"{at}.to_out.0", F.scaled_dot_product_attention(q, k, v)[:, 0])
        return self.resnet(f"{key}.resnets.1", x + mixed.transpose(1, 2).reshape(x.shape))

    def encode(self, image):
        """[1, 3, H, W] -> mean of the latents."""
        x = self.conv("encoder.conv_in", image)
        for i in range(VAE_BLOCKS):
            for j in range(VAE_RESNETS):
                x = self.resnet(f"encoder.down_blocks.{i}.resnets.{j}", x)
            if i < VAE_BLOCKS - 1:
                key = f"encoder.down_blocks.{i}.downsamplers.0.conv"
                x = self.conv(key, F.pad(x, (0, 1, 0, 1)), stride=2, padding=0)
        x = self.middle("encoder.mid_block", x)
        moments = self.conv("encoder.conv_out", F.silu(self.norm("encoder.conv_norm_out", x)))
        return moments.chunk(2, dim=1)[0]

    def decode(self, latents):
        x = self.middle("decoder.mid_block", self.conv("decoder.conv_in", latents))
        for i in range(VAE_BLOCKS):
            for j in range(VAE_RESNETS + 1):
                x = self.resnet(f"decoder.up_blocks.{i}.resnets.{j}", x)
            if i < VAE_BLOCKS - 1:
                x = self.conv(f"decoder.up_blocks.{i}.upsamplers.0.conv", F.interpolate(x, scale_factor=2.0))
        return self.conv("decoder.conv_out", F.silu(self.norm("decoder.conv_norm_out", x)))


def packed(latents):
    """[1, C, h, w] -> [1, h/2 * w/2, C * 4]"""
    _, channels, height, width = latents.shape
    cells = latents.reshape(1, channels, height // 2, 2, width // 2, 2).permute(0, 2, 4, 1, 3, 5)
    return cells.reshape(1, height * width // 4, channels * 4)


def unpacked(tokens, side):
    cells = tokens.reshape(1, side // 2, side // 2, -1, 2, 2).permute(0, 3, 1, 4, 2, 5)
    return cells.reshape(1, -1, side, side)


def main():
    weights, inputs, threads = sys.argv[1:]
    torch.backends.nnpack.set_flags(False)  # lacks this hardware, and would say so for every convolution
    all_weights, feeds = load(weights), load(inputs)
    parts = [Part(all_weights, f"{name}.") for name in ("t5", "clip")]
    vae = Autoencoder(all_weights, "vae.")
    stack = Stack(Part(all_weights, "transformer.").weights)
    scale, shift = feeds["vae_scale_shift"].tolist()

    def text(i):
        states = t5(parts[0], feeds["t5_tokens"][i : i + 1])
        return states, clip(parts[1], feeds["clip_tokens"][i : i + 1], feeds["clip_at"][i])

    def picture():
        positive, negative = text(0), text(1)
        references = [packed((vae.encode(image[None]) - shift) * scale) for image in feeds["images"]]
        latents, tokens = feeds["noise"], feeds["noise"].shape[1]
        rotary, plain = (feeds["cos"], feeds["sin"]), (feeds["plain_cos"], feeds["plain_sin"])
        sigmas, guidance = feeds["sigmas"].tolist(), feeds["true_cfg"].item()
        for i, timestep in enumerate(feeds["timesteps"]):
            sequence = torch.cat((latents, *references), dim=1)
            v = stack(sequence, *positive, timestep[None], *rotary, rows=feeds["rows"], kept=tokens)
            away = stack(latents, *negative, timestep[None], *plain)
            latents = latents + (sigmas[i + 1] - sigmas[i]) * (away + guidance * (v - away))
        side = 2 * int(tokens**0.5)
        return vae.decode(unpacked(latents, side) / scale + shift)

    serve(picture, threads)


if __name__ == "__main__":
    main()
