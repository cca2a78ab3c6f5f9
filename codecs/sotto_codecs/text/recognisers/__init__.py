"""The speech recognisers, each behind the seam of `recognising`."""
