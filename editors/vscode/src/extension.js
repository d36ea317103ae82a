// The client: starts `rlc lsp` and lets the library do the rest.

const { commands, window, workspace } = require("vscode");
const { LanguageClient } = require("vscode-languageclient/node");

let client;

async function start() {
  const command = workspace.getConfiguration("rlc").get("path") || "rlc";
  const server = { command, args: ["lsp"] };
  const options = {
    documentSelector: [{ language: "rl" }],
    // Files that a model uses, and data that a constant holds, decide what is said of it.
    synchronize: { fileEvents: workspace.createFileSystemWatcher("**/*.{rl,csv,npy,npz,txt,jsonl}") },
  };
  client = new LanguageClient("rlc", "rlc", server, options);
  try {
    await client.start();
  } catch (error) {
    window.showErrorMessage(
      `\`${command} lsp\` does not start: ${error.message}. Say where the program is: setting rlc.path.`,
    );
  }
}

async function activate(context) {
  context.subscriptions.push(
    commands.registerCommand("rlc.restart", async () => {
      await deactivate();
      await start();
    }),
  );
  await start();
}

async function deactivate() {
  const old = client;
  client = undefined;
  if (old && old.isRunning()) {
    await old.stop();
  }
}

module.exports = { activate, deactivate };
