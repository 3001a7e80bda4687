import type { Router } from 'express';
import { cardPage } from '../../core/card/page.js';
import { coded } from './assets.js';
import { NO_SUCH_PAGE } from './fault.js';
import { type House, PageFault } from './house.js';
import { etagOf, sendReport, type SharedPage } from './respond-page.js';

/** Cards kept ready; the one that is served, and a few that people look back to. */
const MOST_CARDS = 4;

/** `/card`: what the lists of today are, and `/releases/:id/card`: those of any night, for whoever wants to know. */
export function cardRoutes(router: Router, { shared }: House): void {
  const { deps } = shared;
  const ready = new Map<string, SharedPage>();
  const cardOf = async (releaseId: string | undefined): Promise<SharedPage> => {
    if (releaseId === undefined) throw new PageFault(NO_SUCH_PAGE);
    const known = ready.get(releaseId);
    if (known !== undefined) return known;
    const card = await deps.shop?.card?.(releaseId);
    if (card == null) throw new PageFault(NO_SUCH_PAGE);
    const text = cardPage(card, '/');
    const page = { etag: etagOf(text), body: coded(Buffer.from(text), 6) };
    ready.set(releaseId, page);
    for (const oldest of ready.keys()) if (ready.size > MOST_CARDS) ready.delete(oldest);
    return page;
  };
  router.get('/card', async (req, res) =>
    sendReport(req, res, await cardOf(deps.serving.lists()?.releaseId)),
  );
  router.get('/releases/:id/card', async (req, res) => sendReport(req, res, await cardOf(req.params.id)));
}
