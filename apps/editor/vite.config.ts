/** Builds the editor to static files; they may be served from any path, and nothing in them leaves the machine. */
import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'

export default defineConfig({
  base: './',
  plugins: [react()],
  build: { target: 'es2022', chunkSizeWarningLimit: 1200, assetsInlineLimit: 0 },
  server: {
    fs: { allow: ['../..'] },
    // In development the server of apps/server stands beside.
    proxy: { '/v1': { target: 'http://127.0.0.1:7860', ws: true } },
  },
})
