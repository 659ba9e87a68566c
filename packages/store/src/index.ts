export type { CacheEntry, JsonValue } from './cache-entry.js'
export { confinedPath } from './confined-path.js'
export { type DiskCache, type DiskCacheOptions, type DiskCacheStats, openDiskCache } from './disk-cache.js'
export type { SkippedFile } from './download/choose-files.js'
export {
  type DownloadOptions,
  type DownloadProgress,
  type DownloadResult,
  downloadFiles,
} from './download/download.js'
export {
  type Hub,
  type HubFile,
  type HubListing,
  type HubOptions,
  type HubQuery,
  listHubFiles,
  openHub,
} from './download/hub.js'
export { StoreError, type StoreErrorCode, storeErrorCodes } from './errors.js'
export { type FileDigestOptions, type FileDigests, fileDigests } from './file-digest.js'
export { type LockTimes, lockFolder } from './folder-lock.js'
export { removeStaleTemps } from './temp-name.js'
export { type AtomicSink, type AtomicWriteOptions, makeFolder } from './temp-file.js'
export { writeAtomic, writeFileAtomic, writeFileNew } from './write-atomic.js'
