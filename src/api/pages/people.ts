import type { Profile } from '../../contracts/films.js';
import type { Visitor } from './frame.js';
import { html, type Html } from './html.js';

/** "Ada, film noir" → Ada, and film noir. */
export function visitorOf({
  profileId,
  accountId,
  name,
}: Pick<Profile, 'profileId' | 'accountId' | 'name'>): Visitor {
  const [called = '', ...rest] = name.split(', ');
  return { profileId, accountId, name: called.trim() || profileId, about: rest.join(', ') };
}

/** "Who is watching?": an account a card, its profiles as buttons. */
export function signInView(
  profiles: readonly (Profile & { maxAge: number })[],
  { visitor, next }: { visitor: Visitor | null; next: string },
): Html {
  const accounts = new Map<string, (Profile & { maxAge: number })[]>();
  for (const profile of profiles)
    accounts.set(profile.accountId, [...(accounts.get(profile.accountId) ?? []), profile]);
  const ordered = [...accounts.values()].map((household) =>
    household.toSorted((a, b) => b.maxAge - a.maxAge),
  );
  return html`<div class="section-head page-head">
      <h1>Who is watching?</h1>
      <p>Everybody here is simulated; no password is asked</p>
    </div>
    ${profiles.length === 0 ? html`<p class="note">This house has no demo viewers: it serves a catalogue of your own. Your storefront signs its viewers in itself and gets their tokens from <code>POST /v1/tokens</code>.</p>` : null}
    <ul class="households">
      ${ordered.map(
        (household) =>
          html`<li class="household">
            ${household.map((profile) => {
              const { name, about, profileId } = visitorOf(profile);
              const isHere = visitor?.profileId === profileId;
              return html`<form method="post" action="/sign-in">
                <input type="hidden" name="next" value="${next}" /><button
                  name="viewer"
                  value="${profileId}"
                  class="viewer"
                  ${isHere ? html` aria-current="true"` : null}
                >
                  <span class="initial" aria-hidden="true">${name.slice(0, 1)}</span
                  ><span class="viewer-name">${name}</span
                  ><span class="viewer-about"
                    >${about}${profile.maxAge < 18 ? html`${about === '' ? null : ' · '}films for ${profile.maxAge} and below` : null}${isHere ? ' · signed in' : null}</span
                  >
                </button>
              </form>`;
            })}
          </li>`,
      )}
    </ul>`;
}
