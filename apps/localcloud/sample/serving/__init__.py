"""The sample service, as it lies in an image: standard library only, nothing of this repository's."""
