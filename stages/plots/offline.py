"""A page for `dvc plots show` that carries its own renderer: the default one needs a network."""

import vl_convert

# The release that the templates in .dvc/plots are written for, and of the line that DVC uses.
VEGA_LITE = "5.21"
PAGE = """<!DOCTYPE html>
<html>
<head>
<meta charset="utf-8">
<title>Concord</title>
<style>
body {{ font-family: sans-serif; margin: 2em; }}
img {{ max-width: 100%; }}
</style>
<script type="text/javascript">{bundle}</script>
</head>
<body>
{{plot_divs}}
</body>
</html>
"""
EXPORTS = "window.vega = vega; window.vegaLite = vegaLite; window.vegaEmbed = vegaEmbed;"


def offline_page() -> str:
    """Make the HTML template, with Vega, Vega-Lite and vega-embed inside."""
    bundle = vl_convert.javascript_bundle(EXPORTS, vl_version=VEGA_LITE)
    return PAGE.format(bundle=bundle.replace("</script", "<\\/script"))
