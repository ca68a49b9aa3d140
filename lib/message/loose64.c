#include "message/loose64.h"

#include <string.h>

/* Less than this may be a word. */
#define WHOLE_MIN 60

enum {
	PAD = 64,
	URL62,
	URL63,
	BLANK,
	END,
	JUNK
};

/* Letters have their value, everything else what it is. */
#define J8 JUNK, JUNK, JUNK, JUNK, JUNK, JUNK, JUNK, JUNK
static const unsigned char classes[256] = {
	BLANK, JUNK, JUNK, JUNK, JUNK, JUNK, JUNK, JUNK,
	JUNK, BLANK, END, JUNK, JUNK, END, JUNK, JUNK,
	J8, J8,
	BLANK, JUNK, JUNK, JUNK, JUNK, JUNK, JUNK, JUNK,
	JUNK, JUNK, JUNK, 62, JUNK, URL62, JUNK, 63,
	52, 53, 54, 55, 56, 57, 58, 59,
	60, 61, JUNK, JUNK, JUNK, PAD, JUNK, JUNK,
	JUNK, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14,
	15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25,
	JUNK, JUNK, JUNK, JUNK, URL63,
	JUNK, 26, 27, 28, 29, 30, 31, 32, 33, 34, 35, 36, 37, 38, 39, 40,
	41, 42, 43, 44, 45, 46, 47, 48, 49, 50, 51,
	JUNK, JUNK, JUNK, JUNK, JUNK,
	J8, J8, J8, J8, J8, J8, J8, J8,
	J8, J8, J8, J8, J8, J8, J8, J8,
};

void
ms_loose64_survey(const unsigned char *data, size_t size,
    struct ms_loose64_survey *survey)
{
	struct ms_loose64_survey s = { 0 };
	size_t line = 0;	/* letters and pads of this line */
	bool odd = false;	/* a line before this one was uneven */

	for (size_t i = 0; i < size; i++) {
		unsigned class = classes[data[i]];

		if (class < PAD) {
			s.letters++;
			s.pad_inside |= s.pads > 0;
			s.uneven |= odd;
			line++;
		} else if (class == PAD) {
			s.pads++;
			line++;
		} else if (class == END) {
			odd |= line % 4 != 0;
			line = 0;
		} else if (class == BLANK) {
			s.blanks++;
		} else if (class == JUNK) {
			s.junk++;
		} else {
			s.url_letters++;
		}
	}
	*survey = s;
}

/* A group that is not full gives its whole bytes. */
static void
end_group(struct ms_pour *pour, unsigned bits, unsigned count)
{
	if (count >= 2)
		ms_pour_byte(pour, (unsigned char)(count == 2 ? bits >> 4 :
		    bits >> 10));
	if (count == 3)
		ms_pour_byte(pour, (unsigned char)(bits >> 2));
}

static bool
ends_group(unsigned class, enum ms_loose64_pad pad)
{
	return (class == PAD && pad != MS_LOOSE64_PAD_SKIP) ||
	    (class == END && pad == MS_LOOSE64_PAD_LINE);
}

void
ms_loose64_decode(const unsigned char *data, size_t size,
    const struct ms_loose64_how *how, struct ms_pour *pour)
{
	unsigned bits = 0, count = 0, skip = how->skip;

	for (size_t i = 0; i < size && pour->status == MS_OK; i++) {
		unsigned class = classes[data[i]];

		if (how->url && (class == URL62 || class == URL63))
			class -= URL62 - 62;
		if (ends_group(class, how->pad)) {
			end_group(pour, bits, count);
			bits = count = 0;
			if (class == PAD && how->pad == MS_LOOSE64_PAD_STOP)
				return;
		}
		if (class >= PAD)
			continue;
		if (skip > 0) {
			skip--;
			continue;
		}
		bits = bits << 6 | class;
		if (++count < 4)
			continue;
		ms_pour_byte(pour, (unsigned char)(bits >> 16));
		ms_pour_byte(pour, (unsigned char)(bits >> 8));
		ms_pour_byte(pour, (unsigned char)bits);
		bits = count = 0;
	}
	end_group(pour, bits, count);
}

bool
ms_loose64_is_line(const unsigned char *data, size_t size)
{
	size_t letters = 0;

	while (size > 0 && classes[data[size - 1]] == BLANK)
		size--;
	while (size > 0 && classes[data[0]] == BLANK)
		data++, size--;
	if (size >= 2 && data[0] == '-' && data[1] == '-')
		return false;
	for (size_t i = 0; i < size; i++) {
		/* UTF-16 is base64 with NULs in it. */
		if (classes[data[i]] >= BLANK && data[i] != '\0')
			return false;
		letters += classes[data[i]] < PAD;
	}
	return letters > 0;
}

size_t
ms_loose64_letters(const unsigned char *data, size_t size)
{
	size_t i = 0;

	while (i < size && classes[data[i]] < PAD)
		i++;
	return i;
}

bool
ms_loose64_is_whole(const unsigned char *data, size_t size)
{
	struct ms_loose64_survey survey;
	bool upper = false, lower = false, digit = false;
	size_t at = 0;

	if (size < WHOLE_MIN)
		return false;
	while (at < size && classes[data[at]] == END)
		at++;
	for (size_t i = 0; i < WHOLE_MIN && at + i < size; i++) {
		unsigned class = classes[data[at + i]];

		if (class > PAD && class != END)
			return false;
		upper |= class < 26;
		lower |= class >= 26 && class < 52;
		digit |= class >= 52 && class < 62;
	}
	if (!upper || !lower || !digit)
		return false;
	ms_loose64_survey(data, size, &survey);
	return survey.junk + survey.blanks + survey.url_letters == 0 &&
	    survey.letters >= WHOLE_MIN && survey.pads <= 2 &&
	    !survey.pad_inside && !survey.uneven;
}
