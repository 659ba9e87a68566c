// The numbers of the mini model, each with its reason. They are written out as the config.json files of a FLUX folder.

/**
 * FLUX's autoencoder with an eighth to a sixth of its channels: 8 pixels a latent, 16 latent channels, so that all else
 * (packing, tokens, positions) is FLUX's. Scale and shift are measured after training.
 */
export const vaeConfig = {
  _class_name: 'AutoencoderKL',
  act_fn: 'silu',
  block_out_channels: [16, 32, 64, 64], // the first level has the most pixels: it decides the time of a step
  down_block_types: Array.from({ length: 4 }, () => 'DownEncoderBlock2D'),
  up_block_types: Array.from({ length: 4 }, () => 'UpDecoderBlock2D'),
  in_channels: 3,
  out_channels: 3,
  latent_channels: 16,
  layers_per_block: 1, // FLUX: 2
  norm_num_groups: 8, // groups of 2 to 8 channels; FLUX: 32 groups of 4 to 16
  mid_block_add_attention: true,
  use_quant_conv: false,
  use_post_quant_conv: false,
  force_upcast: true,
  sample_size: 128,
}
