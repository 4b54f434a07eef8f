// SPDX-License-Identifier: GPL-3.0-or-later
#include "window/window_actions.h"

#include "window/cheat_sheet.h"
#include "window/cluster_view.h"
#include "window/dock.h"
#include "window/sidebar.h"
#include "window/workbench.h"

#include "editor/yaml_tab.h"
#include "widgets/action_registry.h"
#include "widgets/command_palette.h"
#include "workloads/bulk_bar.h"

#include <QApplication>
#include <QMenu>

namespace keelson::ui {

namespace {

constexpr int objectsInPaletteMax = 40;

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
    m_registry->add({"window.quit", tr("Quit"), group, {}, {QKeySequence("Ctrl+Q")}},
                    [] { QApplication::closeAllWindows(); });
    const QStringList modes{"overview",   "topology", "deployments", "pods",  "services",
                            "configmaps", "roles",    "nodes",       "events"};
    for (int i = 0; i < modes.size(); ++i) {
        const auto* kind = findKind(modes[i]);
        const auto title = kind ? kind->title : i == 0 ? tr("Overview") : tr("Topology");
        m_registry->add({"mode." + modes[i],
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
        {"row.scale", tr("Scale…"), group, "scale", {QKeySequence("Shift+S")}},
        {"row.restart", tr("Restart…"), group, "restart", {QKeySequence("Shift+R")}},
        {"row.cordon", tr("Cordon or uncordon"), group, "pause", {QKeySequence("C")}},
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

void WindowActions::attach(ClusterView* view)
{
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
                action->objectName() != QLatin1String("window.palette"))
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
            entries << CommandPalette::Entry{
                kind.title, kind.shortNames.isEmpty() ? tr("page") : QLatin1Char(':') + kind.shortNames.first(),
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
    auto* sheet = new CheatSheet(*m_registry, &m_window);
    sheet->setAttribute(Qt::WA_DeleteOnClose);
    sheet->open();
}

} // namespace keelson::ui
