#ifndef OPTION_H
#define OPTION_H

#include <glib.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Command lines. One row is the whole truth about an option: the parser, the
 * help, shell completion and the check of the man pages all read it. TO is an
 * offset into the command's own struct of options, so that the tables are
 * constant data; that struct starts out with the built-in defaults.
 */

/* The type of an option, and of the field that receives it. */
enum opt_type {
	OPT_FLAG,	/* bool; --x, --x=yes, --x=no, --no-x */
	OPT_STRING,	/* const char *, which lives as long as argv */
	OPT_NUMBER,	/* int64_t */
	OPT_SIZE,	/* uint64_t; bytes, or with K, M, G after it */
	OPT_LIST,	/* const char *const *, NULL-ended; each use adds one;
			 * starts as NULL, and goes to option_free() */
	OPT_CHOICE	/* int; the value of the choice that is named */
};

struct opt_choice {
	const char *name;
	int value;
};

struct opt {
	const char *name;	/* without the hyphens */
	char short_name;	/* 0 if none */
	enum opt_type type;
	bool basic;		/* in --help; all are in --help-all */
	const char *section;	/* heading above it; NULL: goes on */
	const char *placeholder; /* for the value, as FILE; NULL for flags */
	const char *help;	/* lower case, no full stop */
	size_t to;		/* offsetof the field that receives it */
	int64_t min, max;	/* numbers and sizes; max 0: no limit */
	const struct opt_choice *choices; /* ends with a NULL name; of a
					   * string or list: its first is what
					   * the name alone stands for */
};

struct command {
	const char *name;
	const char *synopsis;	/* behind the name in the usage; or NULL */
	const char *summary;
	const struct opt *const *options; /* tables, each ending with a NULL
					   * name; NULL ends them; may be
					   * NULL itself */
	const char *words;	/* what the first operand can be, with spaces
				 * between; or NULL */
	bool config;		/* the configuration file sets its options */
	const char *section;	/* what its section there is called; NULL: as
				 * the command is, which must be no key */
	const char *asks;	/* the command of the service that this one
				 * asks: that one is told what this is not; or
				 * NULL */
	/* For those, so that the file can be shown and checked: the size of
	 * the struct of options, and what fills in the built-in defaults. */
	size_t size;
	void (*defaults)(void *into);
};

/* What every command has that the configuration file sets: --config and
 * --profile. Ends with a NULL name. */
extern const struct opt option_config[];

/* What every command has: --help and --help-all. Ends with a NULL name. */
extern const struct opt option_common[];

struct ms_conf;

/*
 * Parse ARGV[1] and what follows into the struct at INTO, options and
 * operands mixed, up to "--". What the command line does not set is taken
 * from MAILSCAN_<NAME> in the environment (a list there has one element per
 * line; an empty variable is none), then from the configuration file if the
 * command has one: from its profile, from the command's section, and from the
 * top of it.
 *
 * Returns the number of operands, which are then ARGV[1] to ARGV[n], with
 * NULL behind them. Or -1 if there is nothing left to do: *STATUS is what to
 * exit with, after help was shown or an error was explained on stderr.
 */
int option_parse(const struct command *cmd, int argc, char **argv, void *into,
    int *status);

/*
 * The same without a command line: fill the struct at INTO, in which the
 * defaults are, from the environment if ENVIRONMENT says so, then from PROFILE
 * (NULL: none) and the rest of CONF (NULL: no file). ORIGINS gets for each of
 * the rows, in the order of option_rows(), where its value came from, in words
 * for g_free(); NULL where it is a default. False: it was explained on stderr,
 * and there are no origins.
 */
bool option_settle(const struct command *cmd, const struct ms_conf *conf,
    const char *profile, bool environment, void *into, char **origins);

/* All rows of CMD, those of option_config and the common ones last, as the
 * elements of an array that the caller unrefs. */
GPtrArray *option_rows(const struct command *cmd);

/* Free the lists in the struct at INTO. */
void option_free(const struct command *cmd, void *into);

/* Does what CMD does, with its OPTIONS, a struct of CMD->size bytes, and COUNT
 * operands, behind which there is NULL. Returns what to exit with. */
typedef int option_work(const struct command *cmd, const void *options,
    int count, char **operands);

/* Parse a command line for CMD, whose defaults are its own, and do WORK with
 * it. Returns what to exit with. */
int option_run(const struct command *cmd, int argc, char **argv,
    option_work *work);

/* Print "mailscan: scan: " and the formatted text on stderr, quoted, and
 * return the exit status of a wrong command line. What is said of "--NAME", as
 * the first word, is said of "FILE:LINE: NAME" if the last option_parse() or
 * option_settle() had it from there, or of the variable that it was in. */
int option_error(const struct command *cmd, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Warn of what is not wrong, with the same places. */
void option_warning(const struct command *cmd, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* As option_error() of WORD, the first operand, which is none of the command's
 * words; NULL if there is no operand. */
int option_no_word(const struct command *cmd, const char *word);

/* From now on append what option_error() says to TEXT, a line each, as it is;
 * NULL: print it again. For programs that have no terminal any more. */
void option_errors_to(GString *text);

#endif
