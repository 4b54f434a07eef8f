// SPDX-License-Identifier: GPL-3.0-or-later
#include "window/window_actions.h"

#include "window/cheat_sheet.h"
#include "window/cluster_view.h"
#include "window/dock.h"
#include "window/sidebar.h"
#include "window/workbench.h"

#include "designer/design_view.h"
#include "designer/designer.h"
#include "editor/manifest_editor.h"
#include "editor/manifests_page.h"
#include "editor/yaml_tab.h"
#include "widgets/action_registry.h"
#include "widgets/command_palette.h"
#include "workloads/bulk_bar.h"

#include <QApplication>
#include <QMenu>

#include <functional>

namespace keelson::ui {

namespace {

constexpr int objectsInPaletteMax = 40;
constexpr QLatin1String modePrefix("mode.");

/// A command that shows the page of a kind. The palette has all kinds as such.
bool isPageOfKind(const QAction& action)
{
    const auto id = action.objectName();
    return id.startsWith(modePrefix) && findKind(id.mid(modePrefix.size()));
}

} // namespace

WindowActions::WindowActions(Workbench& window)
    : QObject(&window),
      m_window(window),
      m_registry(new ActionRegistry(&window)),
      m_palette(new CommandPalette(&window))
{
    addWindowCommands();
    addSources();
}

void WindowActions::addWindowCommands()
{
    const auto group = tr("Window");
    const auto view = [this] { return m_window.view(); };
    m_registry->add({"window.palette",
                     tr("Command palette"),
                     group,
                     "search",
                     {QKeySequence("Ctrl+K"), QKeySequence("Ctrl+Shift+P")}},
                    [this] { openPalette(); });
    m_registry->add({"window.jump", tr("Jump to a kind"), group, "search", {QKeySequence(":")}},
                    [this] { openPalette(QStringLiteral(":")); });
    m_registry->add({"window.filter", tr("Filter this page"), group, "search", {QKeySequence("/")}}, [view] {
        if (view())
            view()->focusFilter();
    });
    m_registry->add({"window.back", tr("Back"), group, {}, {QKeySequence("Alt+Left")}}, [view] {
        if (view())
            view()->goBack();
    });
    m_registry->add({"window.forward", tr("Forward"), group, {}, {QKeySequence("Alt+Right")}}, [view] {
        if (view())
            view()->goForward();
    });
    m_registry->add({"window.keys", tr("Keys"), group, "info", {QKeySequence("?")}}, [this] { showCheatSheet(); });
    m_registry->add({"window.theme", tr("Light or dark"), group, "sun", {QKeySequence("Ctrl+Shift+L")}},
                    [this] { m_window.toggleTheme(); });
    m_registry->add({"window.new", tr("Create from YAML"), group, "plus", {QKeySequence("Ctrl+N")}}, [view] {
        if (view())
            view()->dock().openYaml(nullptr);
    });
    m_registry->add({"window.clusters", tr("Clusters"), group, "cluster", {QKeySequence("Ctrl+O")}},
                    [this] { m_window.showWelcome(); });
    m_registry->add({"window.close-inspector", tr("Close the inspector"), group, {}, {QKeySequence("Escape")}}, [view] {
        if (view())
            view()->inspect(nullptr);
    });
    m_registry->add({"window.learn", tr("Learn: from apply to Ready"), group, "play", {}},
                    [this] { m_window.learn(); });
    m_registry->add({"window.quit", tr("Quit"), group, {}, {QKeySequence("Ctrl+Q")}},
                    [] { QApplication::closeAllWindows(); });
    const QStringList modes{"overview",   "topology", "deployments", "pods",  "services",
                            "configmaps", "roles",    "nodes",       "events"};
    for (int i = 0; i < modes.size(); ++i) {
        const auto* kind = findKind(modes[i]);
        const auto title = kind ? kind->title : i == 0 ? tr("Overview") : tr("Topology");
        m_registry->add({modePrefix + modes[i],
                         title,
                         tr("Pages"),
                         kind ? kind->icon : modes[i],
                         {QKeySequence(QStringLiteral("Ctrl+%1").arg(i + 1))}},
                        [view, page = modes[i]] {
                            if (view())
                                view()->showPage(page);
                        });
    }
}

void WindowActions::addRowCommands(ClusterView* view)
{
    const auto group = tr("On a row");
    const QVector<ActionRegistry::Command> commands{
        {"row.describe", tr("Describe"), group, "info", {QKeySequence("D")}},
        {"row.yaml", tr("YAML"), group, "yaml", {QKeySequence("Y")}},
        {"row.edit", tr("Edit"), group, "edit", {QKeySequence("E")}},
        {"row.logs", tr("Logs"), group, "logs", {QKeySequence("L")}},
        {"row.events", tr("Events"), group, "event", {QKeySequence("Shift+E")}},
        {"row.trace", tr("Trace"), group, "trace", {QKeySequence("T")}},
        {"row.rollouts", tr("Rollouts…"), group, "undo", {QKeySequence("H")}},
        {"row.scale", tr("Scale…"), group, "scale", {QKeySequence("Shift+S")}},
        {"row.restart", tr("Restart…"), group, "restart", {QKeySequence("Shift+R")}},
        {"row.cordon", tr("Cordon or uncordon…"), group, "pause", {QKeySequence("C")}},
        {"row.delete", tr("Delete…"), group, "delete", {QKeySequence("Ctrl+D"), QKeySequence(Qt::Key_Delete)}},
    };
    for (const auto& command : commands)
        m_registry->add(command, view->pages(), [this, id = command.id] {
            if (m_window.view())
                m_window.view()->runCommand(id);
        });
}

void WindowActions::addDockCommands(ClusterView* view)
{
    const auto group = tr("Below");
    auto* scope = static_cast<QWidget*>(&view->dock());
    const auto dock = [this] { return m_window.view() ? &m_window.view()->dock() : nullptr; };
    m_registry->add({"dock.close", tr("Close the tab"), group, "close", {QKeySequence("Ctrl+W")}}, scope, [dock] {
        if (dock())
            dock()->closeCurrent();
    });
    m_registry->add({"dock.next", tr("Next tab"), group, {}, {QKeySequence("Ctrl+Tab")}}, scope, [dock] {
        if (dock())
            dock()->next();
    });
    m_registry->add({"dock.diff", tr("Compare with what is live"), group, "diff", {QKeySequence("Ctrl+Alt+D")}}, scope,
                    [dock] {
                        if (dock() && dock()->currentYaml())
                            dock()->currentYaml()->showDiff();
                    });
    m_registry->add({"dock.apply", tr("Apply…"), group, "check", {QKeySequence("Ctrl+Alt+S")}}, scope, [dock] {
        if (dock() && dock()->currentYaml())
            dock()->currentYaml()->apply();
    });
}

void WindowActions::addManifestCommands(ManifestsPage* page)
{
    struct Entry {
        const char* id;
        QString text;
        const char* icon;
        const char* key;
        std::function<void(ManifestsPage&)> run;
    };
    const auto inEditor = [](void (ManifestEditor::*run)()) {
        return [run](ManifestsPage& shown) {
            if (auto* editor = shown.editor())
                (editor->*run)();
        };
    };
    const QVector<Entry> entries{
        {"new", tr("New manifest"), "plus", "Ctrl+Alt+N", &ManifestsPage::create},
        {"open", tr("Open manifests…"), "open", "Ctrl+Alt+O", &ManifestsPage::chooseFile},
        {"open-folder", tr("Open a folder of manifests…"), "folder", "Ctrl+Shift+O", &ManifestsPage::chooseFolder},
        {"save", tr("Save the manifest"), "save", "Ctrl+S", &ManifestsPage::save},
        {"save-as", tr("Save the manifest as…"), "save", "Ctrl+Shift+S", &ManifestsPage::saveAs},
        {"save-all", tr("Save all manifests"), "save", "Ctrl+Alt+Shift+W", &ManifestsPage::saveAll},
        {"close", tr("Close the manifest"), "close", "Ctrl+W", &ManifestsPage::closeCurrent},
        {"find", tr("Find"), "search", "Ctrl+F", [](ManifestsPage& shown) { shown.find(false); }},
        {"replace", tr("Find and replace"), "search", "Ctrl+H", [](ManifestsPage& shown) { shown.find(true); }},
        {"diff", tr("Compare the manifest with what is live"), "diff", "Ctrl+Alt+D", &ManifestsPage::compare},
        {"apply", tr("Apply the manifest…"), "check", "Ctrl+Alt+S", &ManifestsPage::apply},
        {"apply-all", tr("Apply all manifests…"), "check", "Ctrl+Alt+Shift+S", &ManifestsPage::applyAll},
        {"cures", tr("Mend this line…"), "edit", "Ctrl+.", inEditor(&ManifestEditor::showCures)},
        {"explain", tr("Explain this field"), "info", "F1", inEditor(&ManifestEditor::explainHere)},
        {"comment", tr("Comment lines out or in"), "edit", "Ctrl+/", inEditor(&ManifestEditor::toggleComment)},
        {"fold", tr("Fold or unfold these lines"), "group", "F9", inEditor(&ManifestEditor::toggleFold)},
        {"fold-all", tr("Fold or unfold all lines"), "group", "Shift+F9", inEditor(&ManifestEditor::toggleFolds)},
        {"next-problem", tr("Next problem"), "warning", "F8", [](ManifestsPage& shown) { shown.goToProblem(true); }},
        {"last-problem", tr("Problem before"), "warning", "Shift+F8",
         [](ManifestsPage& shown) { shown.goToProblem(false); }},
        {"next-pane", tr("To the next pane"), "", "F6", &ManifestsPage::nextPane},
    };
    for (const auto& entry : entries) {
        const auto id = QStringLiteral("manifest.") + QLatin1String(entry.id);
        if (auto* known = m_registry->find(id)) { // the same command, for the page of a new view
            page->addAction(known);
            continue;
        }
        m_registry->add({id, entry.text, tr("Manifests"), QLatin1String(entry.icon), {QKeySequence(entry.key)}}, page,
                        [this, run = entry.run] {
                            if (auto* shown = m_window.manifestsPage())
                                run(*shown);
                        });
    }
}

void WindowActions::addDesignerCommands(Designer* designer)
{
    m_designer = designer;
    struct Entry {
        const char* id;
        QString text;
        const char* icon;
        std::function<void(Designer&)> run;
    };
    const QVector<Entry> entries{
        {"arrange", tr("Arrange the cards"), "tree", [](Designer& shown) { shown.arrange(); }},
        {"fit", tr("Show the whole canvas"), "fit", [](Designer& shown) { shown.view()->fit(); }},
        {"undo", tr("Undo on the canvas"), "undo", [](Designer& shown) { shown.model().undo(); }},
        {"redo", tr("Redo on the canvas"), "redo", [](Designer& shown) { shown.model().redo(); }},
        {"duplicate", tr("Duplicate the selected cards"), "copy", &Designer::duplicate},
        {"remove", tr("Delete the selected cards"), "delete", &Designer::removeSelected},
        {"group", tr("Group the selected cards"), "group", [](Designer& shown) { shown.view()->groupSelected(); }},
        {"ungroup", tr("Take the group apart"), "group", [](Designer& shown) { shown.view()->ungroupSelected(); }},
        {"fold", tr("Fold or unfold the group"), "group", [](Designer& shown) { shown.view()->foldSelected(); }},
        {"import-cluster", tr("Import from the cluster…"), "cluster", &Designer::importFromCluster},
        {"import-compose", tr("Import a Compose file…"), "import", &Designer::chooseCompose},
        {"picture", tr("Save a picture of the canvas…"), "save", &Designer::choosePicture},
        {"ghosts", tr("Ghost pods on or off"), "node", [](Designer& shown) { shown.setGhosts(!shown.hasGhosts()); }},
    };
    for (const auto& entry : entries) {
        const auto id = QStringLiteral("designer.") + QLatin1String(entry.id);
        if (auto* known = m_registry->find(id)) { // the same command, for the designer of a new view
            designer->addAction(known);
            continue;
        }
        m_registry->add({id, entry.text, tr("Designer"), QLatin1String(entry.icon), {}}, designer,
                        [this, run = entry.run] {
                            if (m_designer)
                                run(*m_designer);
                        });
    }
}

void WindowActions::attach(ClusterView* view)
{
    connect(view, &ClusterView::manifestsMade, this, &WindowActions::addManifestCommands);
    connect(view, &ClusterView::designerMade, this, &WindowActions::addDesignerCommands);
    if (!m_registry->find(QStringLiteral("row.delete"))) {
        addRowCommands(view);
        addDockCommands(view);
    } else {
        for (auto* action : m_registry->all()) { // the same commands, for the new view
            if (action->objectName().startsWith(QLatin1String("row.")))
                view->pages()->addAction(action);
            if (action->objectName().startsWith(QLatin1String("dock.")))
                view->dock().addAction(action);
        }
    }
    connect(view, &ClusterView::menuRequested, this, &WindowActions::showRowMenu);
}

void WindowActions::showRowMenu(const QPoint& globalPosition)
{
    const auto targets = m_window.view() ? m_window.view()->targets() : QVector<ItemPtr>();
    if (targets.isEmpty())
        return;
    auto* menu = new QMenu(&m_window);
    menu->setAttribute(Qt::WA_DeleteOnClose);
    for (const auto& id : rowCommands(*targets.first()->kind)) {
        if (id == QLatin1String("row.delete"))
            menu->addSeparator();
        menu->addAction(m_registry->find(id));
    }
    menu->popup(globalPosition);
}

void WindowActions::addSources()
{
    m_palette->addSource([this](const QString& query) {
        QVector<CommandPalette::Entry> entries;
        if (query.startsWith(QLatin1Char(':')))
            return entries;
        for (auto* action : m_registry->all())
            if (action->isEnabled() && fitness(action->text(), query.trimmed()) > 0 &&
                action->objectName() != QLatin1String("window.palette") && !isPageOfKind(*action))
                entries << CommandPalette::Entry{action->text(), action->shortcut().toString(QKeySequence::NativeText),
                                                 m_registry->iconName(action), [action] { action->trigger(); }};
        return entries;
    });
    m_palette->addSource([this](const QString& query) {
        QVector<CommandPalette::Entry> entries;
        const bool isJump = query.startsWith(QLatin1Char(':'));
        const auto word = isJump ? query.mid(1).section(QLatin1Char(' '), 0, 0) : query.trimmed();
        for (const auto& kind : kinds()) {
            const bool isShort = kind.shortNames.contains(word);
            if (!m_window.view() || (!isShort && fitness(kind.title, word) == 0 && fitness(kind.id, word) == 0))
                continue;
            if (isJump && isShort)
                entries.clear(); // ":po" means pods and nothing else
            QStringList ways;
            if (!kind.shortNames.isEmpty())
                ways << QLatin1Char(':') + kind.shortNames.first();
            if (const auto* mode = m_registry->find(modePrefix + kind.id))
                ways << mode->shortcut().toString(QKeySequence::NativeText);
            entries << CommandPalette::Entry{kind.title,
                                             ways.isEmpty() ? tr("page") : ways.join(QStringLiteral("  ·  ")),
                                             kind.icon, [this, id = kind.id] { m_window.view()->showPage(id); }};
            if (isJump && isShort)
                break;
        }
        return entries;
    });
    m_palette->addSource([this](const QString& query) {
        QVector<CommandPalette::Entry> entries;
        const auto word = query.trimmed();
        if (!m_window.view() || word.size() < 2 || word.startsWith(QLatin1Char(':')))
            return entries;
        for (const auto& kind : kinds())
            for (const auto& item : m_window.view()->cluster().store(kind.id)->items()) {
                if (entries.size() >= objectsInPaletteMax)
                    return entries;
                if (kind.id != QLatin1String("events") && item->name.contains(word, Qt::CaseInsensitive))
                    entries << CommandPalette::Entry{
                        item->name,
                        kind.one + (item->nameSpace.isEmpty() ? QString() : QStringLiteral(" · ") + item->nameSpace),
                        kind.icon, [this, item] { m_window.view()->inspect(item); }};
            }
        return entries;
    });
}

void WindowActions::openPalette(const QString& text)
{
    m_palette->openWith(text);
}

void WindowActions::showCheatSheet()
{
    auto* sheet = new CheatSheet(*m_registry, {{tr("Canvas"), DesignView::keys()}}, &m_window);
    sheet->setAttribute(Qt::WA_DeleteOnClose);
    sheet->open();
}

} // namespace keelson::ui
