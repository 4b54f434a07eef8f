// SPDX-License-Identifier: GPL-3.0-or-later
#include "window/dock.h"

#include "editor/manifest_editor.h"
#include "editor/yaml_tab.h"
#include "rollout/rollout_panel.h"
#include "widgets/icons.h"
#include "window/leaving.h"
#include "workloads/logs_panel.h"
#include "workloads/object_page.h"

#include <QPointer>
#include <QTabBar>
#include <QTabWidget>
#include <QVBoxLayout>

namespace keelson::ui {

Dock::Dock(Cluster& cluster, QWidget* parent) : QWidget(parent), m_cluster(cluster), m_tabs(new QTabWidget(this))
{
    m_tabs->setDocumentMode(true);
    m_tabs->setTabsClosable(true);
    m_tabs->setMovable(true);
    m_tabs->tabBar()->setDrawBase(false);
    m_tabs->tabBar()->setElideMode(Qt::ElideMiddle);
    m_tabs->tabBar()->setExpanding(false);
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->addWidget(m_tabs);
    connect(m_tabs, &QTabWidget::tabCloseRequested, this, &Dock::close);
}

bool Dock::raise(const QString& key)
{
    for (int i = 0; i < m_tabs->count(); ++i) {
        if (m_tabs->widget(i)->objectName() != key)
            continue;
        m_tabs->setCurrentIndex(i);
        emit opened();
        return true;
    }
    return false;
}

void Dock::add(QWidget* tab, const QString& key, const QString& iconName, const QString& title)
{
    tab->setObjectName(key);
    tab->setAutoFillBackground(true);
    m_tabs->setCurrentIndex(m_tabs->addTab(tab, icon(iconName), title));
    m_tabs->setTabToolTip(m_tabs->currentIndex(), title);
    emit opened();
}

YamlTab* Dock::openYaml(const ItemPtr& item)
{
    const auto key = item ? QStringLiteral("yaml/") + item->uid : QStringLiteral("yaml/new");
    if (raise(key)) {
        currentYaml()->editor()->setFocus();
        return currentYaml();
    }
    auto* tab = new YamlTab(m_cluster, item);
    connect(tab, &YamlTab::applied, this, &Dock::applied);
    add(tab, key, QStringLiteral("yaml"), tab->title());
    tab->editor()->setFocus(); // what is typed next is text, not commands of the table
    return tab;
}

void Dock::openLogs(const ItemPtr& item)
{
    const auto key = QStringLiteral("logs/") + item->uid;
    if (!raise(key))
        add(new LogsPanel(m_cluster, item), key, QStringLiteral("logs"), item->name);
}

void Dock::openEvents(const ItemPtr& item)
{
    const auto key = QStringLiteral("events/") + item->uid;
    if (raise(key))
        return;
    auto* page = new ObjectPage(m_cluster, *findKind(QStringLiteral("events")));
    page->setAbout(item);
    add(page, key, QStringLiteral("event"), item->name);
}

void Dock::openRollouts(const ItemPtr& deployment)
{
    const auto key = QStringLiteral("rollouts/") + deployment->uid;
    if (raise(key))
        return;
    auto* panel = new RolloutPanel(m_cluster, deployment);
    connect(panel, &RolloutPanel::traceRequested, this, &Dock::traceRequested);
    add(panel, key, QStringLiteral("undo"), deployment->name);
}

RolloutPanel* Dock::currentRollouts() const
{
    return qobject_cast<RolloutPanel*>(m_tabs->currentWidget());
}

YamlTab* Dock::currentYaml() const
{
    return qobject_cast<YamlTab*>(m_tabs->currentWidget());
}

LogsPanel* Dock::currentLogs() const
{
    return qobject_cast<LogsPanel*>(m_tabs->currentWidget());
}

QVector<YamlTab*> Dock::unapplied() const
{
    QVector<YamlTab*> tabs;
    for (int i = 0; i < m_tabs->count(); ++i)
        if (auto* yaml = qobject_cast<YamlTab*>(m_tabs->widget(i)); yaml && yaml->isEdited())
            tabs << yaml;
    return tabs;
}

void Dock::show(YamlTab* tab)
{
    m_tabs->setCurrentWidget(tab);
    emit opened();
}

void Dock::close(int index)
{
    auto* tab = m_tabs->widget(index);
    auto* yaml = qobject_cast<YamlTab*>(tab);
    if (!yaml || !yaml->isEdited()) {
        remove(tab);
        return;
    }
    show(yaml);
    askBeforeLeaving(this, tr("Close %1").arg(yaml->title()), {{yaml}, {}},
                     [this, kept = QPointer(yaml)](Parting parting) {
                         if (!kept || parting == Parting::Stay)
                             return;
                         if (parting == Parting::Apply) { // it stays, so that one sees what becomes of it
                             kept->apply();
                             return;
                         }
                         if (parting == Parting::Keep)
                             emit keepRequested(kept->title(), kept->text());
                         kept->discard();
                         remove(kept);
                     });
}

void Dock::remove(QWidget* tab)
{
    if (!tab)
        return;
    m_tabs->removeTab(m_tabs->indexOf(tab));
    tab->deleteLater();
    if (m_tabs->count() == 0)
        emit emptied();
}

void Dock::closeCurrent()
{
    close(m_tabs->currentIndex());
}

void Dock::next()
{
    if (m_tabs->count() > 1)
        m_tabs->setCurrentIndex((m_tabs->currentIndex() + 1) % m_tabs->count());
}

bool Dock::isSettled() const
{
    if (const auto* yaml = currentYaml())
        return yaml->isLoaded();
    if (const auto* logs = currentLogs())
        return logs->isSettled();
    if (const auto* events = qobject_cast<ObjectPage*>(m_tabs->currentWidget()))
        return events->isSettled();
    if (const auto* rollouts = currentRollouts())
        return rollouts->isSettled();
    return true;
}

} // namespace keelson::ui
