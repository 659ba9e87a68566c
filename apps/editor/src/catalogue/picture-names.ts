/** Names of files that are pictures by their ending: what servers take from people. */
export const pictureNames = /\.(png|jpe?g|webp|gif|avif|tiff?)$/i
