"""Once round the loop, from the training set to the planned review, each step kept as soon as it is done."""
