// The page as the server of `usadel explore` sends it.

import { ownPage } from "./home.js";
import { Page } from "./page.js";
import { Socket } from "./socket.js";

new Page(document.body, ownPage, (handlers) => new Socket(handlers));
