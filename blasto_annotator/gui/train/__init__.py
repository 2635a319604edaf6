"""The Train page: what the next training will do, the run while it trains, and what comes after."""
