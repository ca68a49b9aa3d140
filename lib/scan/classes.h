#ifndef MS_CLASSES_H
#define MS_CLASSES_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Kinds of contents that an administrator may not want in mail, by their
 * bytes: neither the name nor the declared type has a say.
 */

enum ms_class {
	MS_CLASS_EXECUTABLE,	/* programs of Windows, Linux, macOS, Java,
				 * Android; installers; shortcuts */
	MS_CLASS_SCRIPT,	/* those that show that they are one */
	MS_CLASS_ARCHIVE,	/* what holds files, and compressed ones; no
				 * documents */
	MS_CLASS_DISK_IMAGE,
	MS_CLASS_OFFICE,	/* documents of Microsoft Office and
				 * OpenDocument */
	MS_CLASS_OFFICE_MACRO,	/* with programs in them: VBA */
	MS_CLASS_PDF,
	MS_CLASS_HTML,
	MS_CLASS_IMAGE,
	MS_CLASS_AUDIO,
	MS_CLASS_VIDEO,
	MS_CLASSES
};

/* "executable", "office-macro", ..., and back; MS_CLASSES if there is no such
 * class. */
const char *ms_classes_name(enum ms_class class);
enum ms_class ms_classes_by_name(const char *name);

/* Are the SIZE bytes at DATA, which unpack/sniff.h calls TYPE, of CLASS?
 * IS_TEXT: they are a text of the message's own, in which others may be
 * quoted. */
bool ms_classes_has(enum ms_class class, const char *type,
    const unsigned char *data, size_t size, bool is_text);

#endif
