"""The parts of publishing, one a file; `tilexplorer.publish` puts them together."""
