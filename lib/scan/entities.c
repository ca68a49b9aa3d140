#include "scan/entities.h"

#include <glib.h>

#include <stdbool.h>
#include <string.h>

static const struct named {
	const char *name;
	gunichar value;
} names[] = {
	{ "AMP", '&' }, { "ApplyFunction", 0x2061 }, { "AElig", 0xc6 },
	{ "COPY", 0xa9 }, { "DiacriticalGrave", '`' }, { "ETH", 0xd0 },
	{ "GT", '>' }, { "Hat", '^' }, { "InvisibleComma", 0x2063 },
	{ "InvisibleTimes", 0x2062 }, { "LT", '<' }, { "NewLine", '\n' },
	{ "NoBreak", 0x2060 }, { "NonBreakingSpace", ' ' },
	{ "OElig", 0x152 }, { "Oslash", 0xd8 }, { "QUOT", '"' },
	{ "REG", 0xae }, { "THORN", 0xde }, { "Tab", '\t' },
	{ "UnderBar", '_' }, { "VerticalLine", '|' },
	{ "ZeroWidthSpace", 0x200b }, { "NegativeMediumSpace", 0x200b },
	{ "NegativeThickSpace", 0x200b }, { "NegativeThinSpace", 0x200b },
	{ "NegativeVeryThinSpace", 0x200b }, { "aelig", 0xe6 },
	{ "af", 0x2061 }, { "amp", '&' }, { "apos", '\'' }, { "ast", '*' },
	{ "bsol", '\\' }, { "cent", 0xa2 }, { "colon", ':' },
	{ "comma", ',' }, { "commat", '@' }, { "copy", 0xa9 },
	{ "dash", 0x2010 }, { "dollar", '$' }, { "ee", 'e' },
	{ "ii", 'i' }, { "dd", 'd' }, { "DD", 'D' }, { "emsp", ' ' },
	{ "ensp", ' ' }, { "equals", '=' }, { "eth", 0xf0 },
	{ "euro", 0x20ac }, { "excl", '!' }, { "exponentiale", 'e' },
	{ "ExponentialE", 'e' }, { "ImaginaryI", 'i' },
	{ "DifferentialD", 'd' }, { "CapitalDifferentialD", 'D' },
	{ "ell", 'l' }, { "grave", '`' }, { "gt", '>' },
	{ "hairsp", ' ' }, { "hyphen", 0x2010 }, { "ic", 0x2063 },
	{ "imath", 0x131 }, { "inodot", 0x131 }, { "it", 0x2062 },
	{ "lbrace", '{' }, { "lbrack", '[' }, { "lcub", '{' },
	{ "ldquo", 0x201c }, { "lowbar", '_' }, { "lpar", '(' },
	{ "lrm", 0x200e }, { "lsqb", '[' }, { "lsquo", 0x2018 },
	{ "lt", '<' }, { "mdash", 0x2014 }, { "midast", '*' },
	{ "nbsp", ' ' }, { "ndash", 0x2013 }, { "num", '#' },
	{ "numsp", ' ' }, { "oelig", 0x153 }, { "ordf", 'a' },
	{ "ordm", 'o' }, { "oslash", 0xf8 }, { "percnt", '%' },
	{ "period", '.' }, { "plus", '+' }, { "pound", 0xa3 },
	{ "puncsp", ' ' }, { "quest", '?' }, { "quot", '"' },
	{ "rbrace", '}' }, { "rbrack", ']' }, { "rcub", '}' },
	{ "rdquo", 0x201d }, { "reg", 0xae }, { "rlm", 0x200f },
	{ "rpar", ')' }, { "rsqb", ']' }, { "rsquo", 0x2019 },
	{ "semi", ';' }, { "shy", 0xad }, { "sol", '/' },
	{ "szlig", 0xdf }, { "thinsp", ' ' }, { "thorn", 0xfe },
	{ "verbar", '|' }, { "vert", '|' }, { "yen", 0xa5 },
	{ "zwj", 0x200d }, { "zwnj", 0x200c },
};

/* Behind one letter: the mark upon it; 0: it is only written differently. */
static const struct named suffixes[] = {
	{ "acute", 0x301 }, { "breve", 0x306 }, { "caron", 0x30c },
	{ "cedil", 0x327 }, { "circ", 0x302 }, { "dblac", 0x30b },
	{ "dot", 0x307 }, { "fr", 0 }, { "grave", 0x300 },
	{ "macr", 0x304 }, { "ogon", 0x328 }, { "opf", 0 },
	{ "ring", 0x30a }, { "scr", 0 }, { "tilde", 0x303 },
	{ "uml", 0x308 },
};

/* What 0x80 to 0x9f are taken for: windows-1252. */
static const gunichar low[32] = {
	0x20ac, 0x81, 0x201a, 0x192, 0x201e, 0x2026, 0x2020, 0x2021, 0x2c6,
	0x2030, 0x160, 0x2039, 0x152, 0x8d, 0x17d, 0x8f, 0x90, 0x2018,
	0x2019, 0x201c, 0x201d, 0x2022, 0x2013, 0x2014, 0x2dc, 0x2122,
	0x161, 0x203a, 0x153, 0x9d, 0x17e, 0x178,
};

static bool
is(const char *name, size_t size, const char *want)
{
	return strlen(want) == size && memcmp(name, want, size) == 0;
}

/* "#118" or "#x76", all of it. */
static size_t
numeric(const char *name, size_t size, char *text)
{
	const bool hex = size > 1 && (name[1] | 0x20) == 'x';
	size_t i = 1 + (size_t)hex;
	gunichar value = 0;

	if (i >= size)
		return 0;
	for (; i < size; i++) {
		int digit = hex ? g_ascii_xdigit_value(name[i]) :
		    g_ascii_digit_value(name[i]);

		if (digit < 0)
			return 0;
		/* What is larger than any stays so. */
		if (value < 0x110000)
			value = value * (hex ? 16 : 10) + (gunichar)digit;
	}
	if (value >= 0x80 && value < 0xa0)
		value = low[value - 0x80];
	if (value == 0 || !g_unichar_validate(value))
		value = 0xfffd;
	return (size_t)g_unichar_to_utf8(value, text);
}

size_t
ms_entities(const char *name, size_t size, char text[MS_ENTITIES_TEXT])
{
	if (size > 0 && *name == '#')
		return numeric(name, size, text);
	for (size_t i = 0; i < G_N_ELEMENTS(names); i++)
		if (is(name, size, names[i].name))
			return (size_t)g_unichar_to_utf8(names[i].value,
			    text);
	for (size_t i = 0; size > 1 && i < G_N_ELEMENTS(suffixes); i++)
		if (g_ascii_isalpha(*name) &&
		    is(name + 1, size - 1, suffixes[i].name)) {
			*text = *name;
			return 1 + (suffixes[i].value == 0 ? 0 : (size_t)
			    g_unichar_to_utf8(suffixes[i].value, text + 1));
		}
	return 0;
}
