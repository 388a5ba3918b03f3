"""Every write of the area: claims, whom they credit, and declarations of nothing."""
