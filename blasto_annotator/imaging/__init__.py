"""Decoding, display adjustments, thumbnails and near-duplicate hashes."""
