"""Every read of the area, narrowed to what the actor may see."""
