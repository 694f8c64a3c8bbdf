"""The demo's own package repository: wheels made here, and a server of them that pip can install from (PEP 503)."""
