// A SCIM 2.0 service in memory, made with SCIMMY: no `Location` on 201, relative `meta.location`.
// PUT /refusal with a text makes it refuse every new user with that text, until DELETE /refusal.
// Usage: node scimmy.mjs PORT TOKEN
import { randomUUID } from "node:crypto";
import express from "express";
import SCIMMY from "scimmy";
import SCIMMYRouters from "scimmy-routers";

const [port, token] = process.argv.slice(2);
let refusal;

/** Keeps one kind of resource; `key` is the attribute that no two of them share. */
function declare(resource, key) {
  const stored = new Map();
  const ids = new Map(); // by name
  const nameOf = (data) => String(data[key]).toLowerCase();
  const missing = (id) => new SCIMMY.Types.Error(404, null, `Resource ${id} not found`);

  SCIMMY.Resources.declare(resource, {
    ingress({ id }, data) {
      if (refusal && !id) throw new SCIMMY.Types.Error(400, "invalidValue", refusal);
      const before = id ? stored.get(id) : undefined;
      if (id && !before) throw missing(id);
      const name = nameOf(data);
      if ((ids.get(name) ?? id) !== id) throw new SCIMMY.Types.Error(409, "uniqueness", `${key} is taken`);
      const now = new Date().toISOString();
      const meta = { created: before?.meta.created ?? now, lastModified: now };
      const after = { ...JSON.parse(JSON.stringify(data)), id: id ?? randomUUID(), meta };
      if (before) ids.delete(nameOf(before));
      ids.set(name, after.id);
      stored.set(after.id, after);
      return after;
    },
    egress({ id, filter }) {
      if (!id) return filter ? filter.match([...stored.values()]) : [...stored.values()];
      if (!stored.has(id)) throw missing(id);
      return stored.get(id);
    },
    degress({ id }) {
      if (!stored.has(id)) throw missing(id);
      ids.delete(nameOf(stored.get(id)));
      stored.delete(id);
    },
  });
}

declare(SCIMMY.Resources.User.extend(SCIMMY.Schemas.EnterpriseUser, false), "userName");
declare(SCIMMY.Resources.Group, "displayName");

const app = express();
app.use("/scim", new SCIMMYRouters({
  type: "bearer",
  handler(request) {
    if (request.header("Authorization") !== `Bearer ${token}`) throw new Error("Wrong or missing token");
    return "usher";
  },
}));
app.put("/refusal", express.text(), (request, response) => {
  refusal = request.body;
  response.sendStatus(204);
});
app.delete("/refusal", (_, response) => {
  refusal = undefined;
  response.sendStatus(204);
});
app.listen(Number(port), "127.0.0.1");
