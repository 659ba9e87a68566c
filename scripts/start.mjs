// npm start: the main job. There is no server yet, so it is the demo.
await import('./demo.mjs')
