"""The survival kernels: arrays in, arrays out. ``strata.survival`` re-exports what is public."""

__all__: list[str] = []
