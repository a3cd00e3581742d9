"""A page for `dvc plots show` that carries its own renderer: the default one needs a network."""

import vl_convert

PAGE = """<!DOCTYPE html>
<html>
<head>
<meta charset="utf-8">
<title>Concord</title>
<style>
body {{ font-family: sans-serif; margin: 1em; }}
.vega-embed {{ display: block !important; width: fit-content; margin-bottom: 2em; }}
img {{ max-width: 94vw; }}
div:not(:only-of-type) > img {{ max-width: 46vw; }}
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
    bundle = vl_convert.javascript_bundle(EXPORTS)
    return PAGE.format(bundle=bundle.replace("</script", "<\\/script"))
