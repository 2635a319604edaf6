"""Decoding, display adjustments, thumbnails and perceptual hashes: numpy, OpenCV and Pillow, no Qt."""
