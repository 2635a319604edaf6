"""Images in and out: data sets in the StyleGAN tools' layout, their order, pictures and batches."""
