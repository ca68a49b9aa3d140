#include "samples.h"

#include "mailscan.h"

#include <inttypes.h>
#include <string.h>

/* Each byte of the test file and one more, so that nobody finds it in here. */
static const char disguised[] = "Y6P\"Q&ABQ\\5]Q[Y65)Q_*8DD*8~%FJDBS.TUBO"
    "EBSE.BOUJWJSVT.UFTU.GJMF\"%I,I+";

/* Octets of mail in base64 on a line (RFC 2045, 6.8: 76 letters). */
enum { LINE_OCTETS = 57 };

static GString *
eicar(void)
{
	GString *out = g_string_new(disguised);

	for (gsize i = 0; i < out->len; i++)
		out->str[i]--;
	return out;
}

static void
put_number(GString *out, uint32_t n, unsigned bytes)
{
	for (unsigned i = 0; i < bytes; i++)
		g_string_append_c(out, (gchar)(n >> (8 * i) & 0xff));
}

/* As zip wants it (ISO 3309). */
static uint32_t
checksum(const GString *data)
{
	uint32_t crc = UINT32_MAX;

	for (gsize i = 0; i < data->len; i++) {
		crc ^= (unsigned char)data->str[i];
		for (unsigned bit = 0; bit < 8; bit++)
			crc = crc >> 1 ^ (crc & 1 ? 0xedb88320 : 0);
	}
	return ~crc;
}

/* What stands in a zip's headers, at the file and in the directory alike:
 * version 2.0, stored, 1 January 1980. */
static void
put_entry(GString *out, const char *name, const GString *data)
{
	put_number(out, 20, 2);
	put_number(out, 0, 4);
	put_number(out, 0, 2);
	put_number(out, 0x21, 2);
	put_number(out, checksum(data), 4);
	put_number(out, (uint32_t)data->len, 4);
	put_number(out, (uint32_t)data->len, 4);
	put_number(out, (uint32_t)strlen(name), 2);
	put_number(out, 0, 2);
}

/* A zip with DATA as its only file, in the place of DATA. */
static void
zip(GString *data, const char *name)
{
	GString *out = g_string_new("PK\003\004");
	uint32_t directory;

	put_entry(out, name, data);
	g_string_append(out, name);
	g_string_append_len(out, data->str, (gssize)data->len);
	directory = (uint32_t)out->len;
	g_string_append(out, "PK\001\002");
	put_number(out, 20, 2);
	put_entry(out, name, data);
	/* No comment, disk 0, attributes of nobody, the file at 0. */
	put_number(out, 0, 4);
	put_number(out, 0, 4);
	put_number(out, 0, 2);
	put_number(out, 0, 4);
	g_string_append(out, name);
	put_number(out, 0x06054b50, 4);
	put_number(out, 0, 4);
	put_number(out, 1, 2);
	put_number(out, 1, 2);
	put_number(out, (uint32_t)out->len - 12 - directory, 4);
	put_number(out, directory, 4);
	put_number(out, 0, 2);
	g_string_assign(data, "");
	g_string_append_len(data, out->str, (gssize)out->len);
	g_string_free(out, TRUE);
}

static void
put_base64(GString *out, const GString *data)
{
	for (gsize at = 0; at < data->len; at += LINE_OCTETS) {
		gchar *line = g_base64_encode((const guchar *)data->str + at,
		    MIN(LINE_OCTETS, data->len - at));

		g_string_append_printf(out, "%s\r\n", line);
		g_free(line);
	}
}

/* The rest of a message: header fields of MIME, a text, DATA attached. */
static void
put_attached(GString *out, const char *name, const GString *data)
{
	g_string_append_printf(out, "MIME-Version: 1.0\r\n"
	    "Content-Type: multipart/mixed; boundary=\"selftest\"\r\n\r\n"
	    "--selftest\r\nContent-Type: text/plain\r\n\r\n"
	    "The attachment holds the EICAR test file, which is harmless.\r\n"
	    "--selftest\r\nContent-Type: application/octet-stream\r\n"
	    "Content-Transfer-Encoding: base64\r\n"
	    "Content-Disposition: attachment; filename=\"%s\"\r\n\r\n", name);
	put_base64(out, data);
	g_string_append(out, "--selftest--\r\n");
}

static void
put_clean(GString *out)
{
	g_string_append(out, "\r\nThis is a test of the scanner on the way of "
	    "this mail. It has no attachment,\r\nand whoever gets it need do "
	    "nothing.\r\n");
}

static void
put_text(GString *out)
{
	GString *data = eicar();

	g_string_append_printf(out, "\r\n%s\r\n", data->str);
	g_string_free(data, TRUE);
}

static void
put_file(GString *out)
{
	GString *data = eicar();

	put_attached(out, "eicar.com", data);
	g_string_free(data, TRUE);
}

static void
put_zip(GString *out)
{
	GString *data = eicar();

	zip(data, "eicar.com");
	put_attached(out, "eicar.zip", data);
	g_string_free(data, TRUE);
}

static void
put_nested(GString *out)
{
	GString *data = eicar();

	zip(data, "eicar.com");
	zip(data, "inner.zip");
	g_string_append(out, "MIME-Version: 1.0\r\n"
	    "Content-Type: multipart/mixed; boundary=\"forwarded\"\r\n\r\n"
	    "--forwarded\r\nContent-Type: message/rfc822\r\n\r\n"
	    "From: somebody@example.org\r\nSubject: the one inside\r\n");
	put_attached(out, "outer.zip", data);
	g_string_append(out, "--forwarded--\r\n");
	g_string_free(data, TRUE);
}

static const struct {
	const char *name;
	void (*put)(GString *out);	/* what follows the usual fields */
} samples[SAMPLES] = {
	[SAMPLE_CLEAN] = { "clean", put_clean },
	[SAMPLE_TEXT] = { "as text", put_text },
	[SAMPLE_ATTACHED] = { "attached", put_file },
	[SAMPLE_ZIPPED] = { "in a zip", put_zip },
	[SAMPLE_NESTED] = { "nested", put_nested },
};

const char *
sample_name(enum sample sample)
{
	return samples[sample].name;
}

GString *
sample_mail(enum sample sample, const char *sender, const char *recipient,
    const char *id)
{
	GString *out = g_string_new("Date: ");

	ms_date_append(out, ms_clock_wall());
	g_string_append_printf(out, "\r\nFrom: <%s>\r\nTo: <%s>\r\n"
	    "Message-ID: <%s.%d@selftest.invalid>\r\n"
	    "Subject: mailscan selftest: %s\r\nAuto-Submitted: "
	    "auto-generated\r\n", *sender != '\0' ? sender :
	    "nobody@selftest.invalid", recipient, id, (int)sample,
	    samples[sample].name);
	samples[sample].put(out);
	return out;
}
