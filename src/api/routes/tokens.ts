import { tokenRequestSchema, viewerTokenSchema } from '../../contracts/api.js';
import type { ViewerTokens } from '../auth/viewer-tokens.js';
import { HttpProblem } from '../problem.js';
import type { Profiles } from '../profiles.js';
import { respond } from '../respond.js';
import { defineRoute, type Route } from './registry.js';

/** `POST /v1/tokens`: a storefront, which has signed the viewer in, gets a token that speaks for this viewer alone. */
export function tokenRoute(tokens: ViewerTokens, profiles: Profiles): Route {
  return defineRoute({
    method: 'POST',
    path: '/v1/tokens',
    operationId: 'postToken',
    summary: 'A short-lived token for one viewer',
    description:
      'For the viewer’s own device: it opens this viewer’s lists, films, and events of their own. Without the ' +
      'operational database a token is made all the same; it opens no account.',
    tag: 'viewers',
    access: { scopes: ['storefront'] },
    body: tokenRequestSchema,
    responses: {
      201: { description: 'The token', schema: viewerTokenSchema },
      404: { description: 'There is no such profile' },
    },
    async handle({ body: { userId }, res }) {
      const found = await profiles.find(userId);
      if (found.kind === 'unknown')
        throw new HttpProblem(404, `there is no profile ${JSON.stringify(userId)}`);
      const accountId = found.kind === 'known' ? found.limits.accountId : null;
      const { token, expiresAt } = await tokens.issue({ profileId: userId, accountId });
      respond(
        res,
        201,
        ['Content-Type', 'application/json; charset=utf-8', 'Cache-Control', 'no-store'],
        JSON.stringify({ token, expiresAt: expiresAt.toISOString() }),
      );
    },
  });
}
