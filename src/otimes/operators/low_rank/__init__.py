"""U C Vᴴ, and operators with such an update."""
