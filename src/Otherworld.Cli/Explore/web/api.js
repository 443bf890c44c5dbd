// What the server can be asked. An error is its one line of advice.

const number = new URLSearchParams(location.search).get("run") ?? "0";

async function ask(path, options) {
  const answer = await fetch(path, options);
  if (!answer.ok) throw new Error((await answer.text()) || `the server answered ${answer.status}`);
  return answer.json();
}

const ofRun = (path) => ask(`/api/run/${number}${path}`);

export const api = {
  run: () => ofRun(""),
  console: (line) => ofRun(`/console/${line}`),
  moment: (icount) => ofRun(`/at/${icount}`),
  death: (death) => ofRun(`/death/${death}`),
  memory: (death, pid) => ofRun(`/death/${death}/memory/${pid}`),
  fork: (icount, fault) => ask(`/api/run/${number}/fork/${icount}${fault ? `?fault=${fault}` : ""}`, { method: "POST" }),
  endFork: (fork) => ask(`/api/fork/${fork}/end`, { method: "POST" }),
  tty: (fork) => new WebSocket(`ws://${location.host}/api/fork/${fork}/tty`),
};
