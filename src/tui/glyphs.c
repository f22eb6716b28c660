#include "tui/glyphs.h"

static const char *const utf8_glyphs[GLYPH_COUNT] = {
#define GLYPH(name, utf8, ascii) utf8,
    GLYPH_TABLE(GLYPH)
#undef GLYPH
};

static const char *const ascii_glyphs[GLYPH_COUNT] = {
#define GLYPH(name, utf8, ascii) ascii,
    GLYPH_TABLE(GLYPH)
#undef GLYPH
};

const char *glyph_text(enum glyph glyph, bool ascii) {
    return ascii ? ascii_glyphs[glyph] : utf8_glyphs[glyph];
}
