"""Reading builds, bakes and manifests."""
