"""Small matrices of Nambu and spin space; a leaf that imports nothing of ours but the kernel decorator."""
