"""Every read of the registry, narrowed to what the actor may see."""
