"""The records that everything else of the graph stands on."""
