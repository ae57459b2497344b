"""Statistical methods: arrays and event tables in, small frozen results out. No I/O, no pandas in results."""
