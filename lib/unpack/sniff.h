#ifndef MS_SNIFF_H
#define MS_SNIFF_H

#include <stdbool.h>
#include <stddef.h>

/*
 * What some bytes are, by what they begin with: enough to decide what to
 * open, and a name for reports. The declared type and the file name have no
 * say.
 */

enum ms_sniff_kind {
	MS_SNIFF_OPAQUE,	/* nothing here takes it apart */
	MS_SNIFF_TEXT,		/* may hold uuencoded blocks, or be mail */
	MS_SNIFF_MESSAGE,	/* text that begins with header fields */
	MS_SNIFF_ARCHIVE,	/* unpack/unpack.h opens it */
	MS_SNIFF_TNEF,		/* message/tnef.h takes it apart */
	MS_SNIFF_CMS,		/* message/cms.h does */
	MS_SNIFF_ENGINE,	/* a container that only the engine opens */
	MS_SNIFF_CLOSED		/* a container that nothing opens */
};

/* Formats and filters that unpack/unpack.h knows how to ask for. */
enum ms_sniff_format {
	MS_SNIFF_NONE,
	MS_SNIFF_7ZIP,
	MS_SNIFF_AR,
	MS_SNIFF_CPIO,
	MS_SNIFF_LHA,
	MS_SNIFF_RAR,
	MS_SNIFF_RAR5,
	MS_SNIFF_TAR,
	MS_SNIFF_ZIP,
	MS_SNIFF_BZIP2,		/* from here on: one compressed stream */
	MS_SNIFF_COMPRESS,
	MS_SNIFF_GZIP,
	MS_SNIFF_LZ4,
	MS_SNIFF_LZIP,
	MS_SNIFF_LZMA,
	MS_SNIFF_RPM,
	MS_SNIFF_XZ,
	MS_SNIFF_ZSTD,
	MS_SNIFF_FORMATS
};

struct ms_sniff_type {
	const char *name;	/* media type, "application/zip" */
	enum ms_sniff_kind kind;
	enum ms_sniff_format format;	/* for MS_SNIFF_ARCHIVE */
};

/* The type of the SIZE bytes at DATA; static, never NULL. */
const struct ms_sniff_type *ms_sniff(const unsigned char *data, size_t size);

/* The static name that equals NAME, or NULL if no type is called so. */
const char *ms_sniff_name(const char *name);

/* What ms_sniff() says of DATA is FORMAT, of which the first bytes may also be
 * how a text begins, or the name of a tar's first member: do the next ones
 * go on as those of FORMAT do? */
bool ms_sniff_is_sure(enum ms_sniff_format format, const unsigned char *data,
    size_t size);

/* Could the SIZE bytes at DATA be a message, by one field, by the declared
 * CONTENT_TYPE or by the NAME of the file (each may be NULL)? */
bool ms_sniff_may_be_message(const unsigned char *data, size_t size,
    const char *content_type, const char *name);

/* Is a message what CONTENT_TYPE and NAME (each may be NULL) say it is? A
 * piece of one, and a reference to one, is none. */
bool ms_sniff_is_called_message(const char *content_type, const char *name);

/* A delimiter and a field of MIME: the body of a multipart that lost its
 * header, because it was encoded as a whole? */
bool ms_sniff_is_bare_part(const unsigned char *data, size_t size);

/* Is TYPE how a mail server may store a whole message: compressed or encrypted
 * as one stream? */
bool ms_sniff_is_store(const struct ms_sniff_type *type);

/* Bytes of skippable frames (RFC 8878, 3.1.2) at DATA, which zstd and lz4
 * pass over. */
size_t ms_sniff_skippable(const unsigned char *data, size_t size);

#endif
