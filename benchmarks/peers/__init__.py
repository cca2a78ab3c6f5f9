"""What people would use instead, behind the codec seam: one file per system."""
