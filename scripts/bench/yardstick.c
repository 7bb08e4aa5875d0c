/*
 * The yardstick: the same job on libmilter, as lean as libmilter can. A table of prefixes and mailboxes read at the start,
 * the same verdicts on unsigned addresses (CONTINUE, or 551 for what is malformed, unknown, not begun or expired), and at
 * end of message the same DELRCPT and ADDRCPT. No log, no database, no headers: what it costs is what libmilter costs.
 *
 *   yardstick SPEC DOMAIN TABLE        a line of TABLE is PREFIX MAILBOX; days are those of UTC
 */
#include <ctype.h>
#include <libmilter/mfapi.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#define SLOTS 4096 /* a power of two, well above the 1,000 prefixes of the benchmark */
#define LONGEST_PREFIX 3

struct entry {
  char prefix[LONGEST_PREFIX + 1];
  char *target; /* in angle brackets; NULL: the slot is free */
};

static struct entry table[SLOTS];
static const char *domain;

/* One message. */
struct envelope {
  size_t count, room;
  struct accepted {
    char *argument;
    const struct entry *entry;
  } *accepted;
};

static unsigned slot_of(const char *prefix)
{
  unsigned hash = 2166136261u;
  for (; *prefix != '\0'; prefix++) hash = (hash ^ (unsigned char)*prefix) * 16777619u;
  return hash & (SLOTS - 1);
}

static struct entry *find(const char *prefix)
{
  unsigned slot = slot_of(prefix);
  while (table[slot].target != NULL && strcmp(table[slot].prefix, prefix) != 0) slot = (slot + 1) & (SLOTS - 1);
  return &table[slot];
}

static int load(const char *file)
{
  char prefix[LONGEST_PREFIX + 1], mailbox[321];
  int entries = 0;
  FILE *in = fopen(file, "r");
  if (in == NULL) return -1;
  while (fscanf(in, "%3s %320s", prefix, mailbox) == 2 && entries < SLOTS / 2) {
    struct entry *entry = find(prefix);
    strcpy(entry->prefix, prefix);
    entry->target = malloc(strlen(mailbox) + 3);
    if (entry->target == NULL) return -1;
    sprintf(entry->target, "<%s>", mailbox);
    entries++;
  }
  fclose(in);
  return entries;
}

/* Days since 1970-01-01 of a date of the Gregorian calendar. */
static long day_number(int year, int month, int day)
{
  year -= month <= 2;
  long era = year / 400;
  int of_era = year - (int)era * 400;
  int of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
  return era * 146097 + of_era * 365L + of_era / 4 - of_era / 100 + of_year - 719468;
}

static int days_in(int year, int month)
{
  static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  return month == 2 && (year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)) ? 29 : days[month - 1];
}

static int number(const char *digits, int length)
{
  int value = 0;
  while (length-- > 0) value = value * 10 + (*digits++ - '0');
  return value;
}

enum verdict { FOREIGN, NOT_UNDERSTOOD, UNKNOWN, OUTSIDE, VALID };

static enum verdict judge(const char *argument, const struct entry **found)
{
  char prefix[LONGEST_PREFIX + 1];
  size_t length = strlen(argument), letters = 0, i;
  const char *local = argument, *end = argument + length, *at;
  if (length > 1 && local[0] == '<' && end[-1] == '>') local++, end--;
  for (at = end; at > local && *at != '@'; at--) continue;
  if (*at != '@' || (size_t)(end - at - 1) != strlen(domain) || strncasecmp(at + 1, domain, end - at - 1) != 0)
    return FOREIGN;
  while (local + letters < at && letters <= LONGEST_PREFIX && isalpha((unsigned char)local[letters])) letters++;
  if (letters < 2 || letters > LONGEST_PREFIX || at - local - letters != 10) return NOT_UNDERSTOOD;
  for (i = 0; i < 10; i++)
    if (!isdigit((unsigned char)local[letters + i])) return NOT_UNDERSTOOD;
  for (i = 0; i < letters; i++) prefix[i] = (char)tolower((unsigned char)local[i]);
  prefix[letters] = '\0';
  int year = number(local + letters, 4), month = number(local + letters + 4, 2);
  int date = number(local + letters + 6, 2), days = number(local + letters + 8, 2);
  if (month < 1 || month > 12 || date < 1 || date > days_in(year, month)) return NOT_UNDERSTOOD;
  *found = find(prefix);
  if ((*found)->target == NULL) return UNKNOWN;
  long today = (long)(time(NULL) / 86400), issued = day_number(year, month, date);
  return issued <= today && today < issued + days ? VALID : OUTSIDE;
}

static void forget(struct envelope *envelope)
{
  for (size_t i = 0; i < envelope->count; i++) free(envelope->accepted[i].argument);
  envelope->count = 0;
}

static sfsistat on_mail(SMFICTX *ctx, char **argv)
{
  struct envelope *envelope = smfi_getpriv(ctx);
  (void)argv;
  if (envelope == NULL) {
    envelope = calloc(1, sizeof *envelope);
    if (envelope == NULL) return SMFIS_TEMPFAIL;
    smfi_setpriv(ctx, envelope);
  }
  forget(envelope);
  return SMFIS_CONTINUE;
}

static int keep(struct envelope *envelope, const char *argument, const struct entry *entry)
{
  if (envelope->count == envelope->room) {
    size_t room = envelope->room == 0 ? 8 : envelope->room * 2;
    void *larger = realloc(envelope->accepted, room * sizeof *envelope->accepted);
    if (larger == NULL) return 0;
    envelope->accepted = larger;
    envelope->room = room;
  }
  char *copy = strdup(argument);
  if (copy == NULL) return 0;
  envelope->accepted[envelope->count].argument = copy;
  envelope->accepted[envelope->count++].entry = entry;
  return 1;
}

static sfsistat refuse(SMFICTX *ctx, char *text)
{
  return smfi_setreply(ctx, "551", "5.7.1", text) == MI_SUCCESS ? SMFIS_REJECT : SMFIS_TEMPFAIL;
}

static sfsistat on_rcpt(SMFICTX *ctx, char **argv)
{
  const struct entry *entry = NULL;
  switch (judge(argv[0], &entry)) {
    case FOREIGN: return SMFIS_CONTINUE;
    case NOT_UNDERSTOOD: return refuse(ctx, "Address not understood.");
    case UNKNOWN: return refuse(ctx, "No such address.");
    case OUTSIDE: return refuse(ctx, "Expiration Reached.");
    default: return keep(smfi_getpriv(ctx), argv[0], entry) ? SMFIS_CONTINUE : SMFIS_TEMPFAIL;
  }
}

static sfsistat on_end(SMFICTX *ctx)
{
  struct envelope *envelope = smfi_getpriv(ctx);
  size_t i, before;
  for (i = 0; i < envelope->count; i++)
    if (smfi_delrcpt(ctx, envelope->accepted[i].argument) != MI_SUCCESS) return SMFIS_TEMPFAIL;
  for (i = 0; i < envelope->count; i++) {
    const struct entry *entry = envelope->accepted[i].entry;
    for (before = 0; before < i && envelope->accepted[before].entry != entry; before++) continue;
    if (before == i && smfi_addrcpt(ctx, entry->target) != MI_SUCCESS) return SMFIS_TEMPFAIL;
  }
  forget(envelope);
  return SMFIS_CONTINUE;
}

static sfsistat on_abort(SMFICTX *ctx)
{
  struct envelope *envelope = smfi_getpriv(ctx);
  if (envelope != NULL) forget(envelope);
  return SMFIS_CONTINUE;
}

static sfsistat on_close(SMFICTX *ctx)
{
  struct envelope *envelope = smfi_getpriv(ctx);
  if (envelope != NULL) {
    forget(envelope);
    free(envelope->accepted);
    free(envelope);
    smfi_setpriv(ctx, NULL);
  }
  return SMFIS_CONTINUE;
}

/* Everything off that can be, and no macros. MAIL stays: without it sendmail sends no ABORT after RSET. */
static sfsistat on_negotiate(SMFICTX *ctx, unsigned long actions, unsigned long steps, unsigned long f2,
                             unsigned long f3, unsigned long *wanted_actions, unsigned long *wanted_steps,
                             unsigned long *wanted_f2, unsigned long *wanted_f3)
{
  (void)f2, (void)f3;
  *wanted_actions = SMFIF_ADDRCPT | SMFIF_DELRCPT;
  *wanted_steps = steps & (SMFIP_NOCONNECT | SMFIP_NOHELO | SMFIP_NODATA | SMFIP_NOHDRS | SMFIP_NOEOH | SMFIP_NOBODY |
                           SMFIP_NOUNKNOWN | SMFIP_NR_CONN | SMFIP_NR_HELO | SMFIP_NR_DATA | SMFIP_NR_HDR |
                           SMFIP_NR_EOH | SMFIP_NR_BODY | SMFIP_NR_UNKN);
  *wanted_f2 = *wanted_f3 = 0;
  if ((actions & SMFIF_SETSYMLIST) != 0)
    for (int stage = SMFIM_FIRST; stage <= SMFIM_LAST; stage++) (void)smfi_setsymlist(ctx, stage, "");
  return SMFIS_CONTINUE;
}

static struct smfiDesc filter = {
    .xxfi_name = "yardstick",
    .xxfi_version = SMFI_VERSION,
    .xxfi_flags = SMFIF_ADDRCPT | SMFIF_DELRCPT | SMFIF_SETSYMLIST,
    .xxfi_envfrom = on_mail,
    .xxfi_envrcpt = on_rcpt,
    .xxfi_eom = on_end,
    .xxfi_abort = on_abort,
    .xxfi_close = on_close,
    .xxfi_negotiate = on_negotiate,
};

int main(int argc, char **argv)
{
  if (argc != 4) {
    fprintf(stderr, "usage: yardstick SPEC DOMAIN TABLE\n");
    return 2;
  }
  domain = argv[2];
  if (load(argv[3]) < 0) {
    fprintf(stderr, "yardstick: %s cannot be read\n", argv[3]);
    return 1;
  }
  smfi_setconn(argv[1]);
  smfi_setbacklog(4096);
  if (smfi_register(filter) != MI_SUCCESS || smfi_opensocket(1) != MI_SUCCESS) {
    fprintf(stderr, "yardstick: cannot listen on %s\n", argv[1]);
    return 1;
  }
  puts("listening");
  fflush(stdout);
  return smfi_main() == MI_SUCCESS ? 0 : 1;
}
