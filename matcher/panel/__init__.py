"""The panel: the weekly meeting in a browser. The only place that knows Django."""
