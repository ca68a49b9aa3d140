#include "scan/filename.h"

#include <glib.h>
#include <string.h>

/* What programs want to see at the end of a name. What can be run by opening
 * it is not among them, and neither is a web page. */
static const struct {
	const char *type, *extension;
} extensions[] = {
	{ "application/zip", ".zip" },
	{ "application/x-7z-compressed", ".7z" },
	{ "application/vnd.rar", ".rar" },
	{ "application/vnd.ms-cab-compressed", ".cab" },
	{ "application/x-tar", ".tar" },
	{ "application/gzip", ".gz" },
	{ "application/x-bzip2", ".bz2" },
	{ "application/x-xz", ".xz" },
	{ "application/zstd", ".zst" },
	{ "application/x-lz4", ".lz4" },
	{ "application/pdf", ".pdf" },
	{ "application/rtf", ".rtf" },
	{ "application/xml", ".xml" },
	{ "image/jpeg", ".jpg" },
	{ "image/png", ".png" },
	{ "image/gif", ".gif" },
	{ "image/tiff", ".tif" },
	{ "image/bmp", ".bmp" },
	{ "audio/mpeg", ".mp3" },
	{ "video/mp4", ".mp4" },
	{ "message/rfc822", ".eml" },
	{ "text/plain", ".txt" },
};

void
ms_filename_of(const struct ms_digest *sha256, const char *detected_type,
    char name[MS_FILENAME_MAX])
{
	const char *extension = ".bin";
	char hex[MS_HASH_HEX];

	for (size_t i = 0; i < G_N_ELEMENTS(extensions); i++)
		if (detected_type &&
		    strcmp(extensions[i].type, detected_type) == 0)
			extension = extensions[i].extension;
	ms_hash_hex(sha256, hex);
	(void)g_snprintf(name, MS_FILENAME_MAX, "%s%s", hex, extension);
}
