// SPDX-License-Identifier: GPL-3.0-or-later
#include "editor/yaml_tab.h"

#include "editor/cluster_knowledge.h"
#include "editor/conflict_list.h"
#include "editor/manifest_editor.h"
#include "editor/yaml_view.h"
#include "manifests/hints.h"
#include "widgets/banner.h"
#include "widgets/icons.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QMessageBox>
#include <QPushButton>
#include <QStackedLayout>

#include <algorithm>

namespace keelson::ui {

namespace {

QString newManifest(const QString& nameSpace)
{
    return QStringLiteral("apiVersion: apps/v1\n"
                          "kind: Deployment\n"
                          "metadata:\n"
                          "  name: web\n"
                          "  namespace: %1\n"
                          "spec:\n"
                          "  replicas: 2\n"
                          "  selector:\n"
                          "    matchLabels:\n"
                          "      app: web\n"
                          "  template:\n"
                          "    metadata:\n"
                          "      labels:\n"
                          "        app: web\n"
                          "    spec:\n"
                          "      containers:\n"
                          "        - name: web\n"
                          "          image: nginx\n"
                          "          ports:\n"
                          "            - containerPort: 80\n")
        .arg(nameSpace);
}

} // namespace

YamlTab::YamlTab(Cluster& cluster, const ItemPtr& item, QWidget* parent)
    : QWidget(parent),
      m_knowledge(ClusterKnowledge::of(cluster)),
      m_title(item ? item->name : tr("New object")),
      m_edit(cluster, item),
      m_session(ManifestSession::usualRecoveryFolder(), cluster.clock()),
      m_manifest(m_session.create()),
      m_checker(m_session, &m_knowledge),
      m_editor(new ManifestEditor(this)),
      m_diff(new YamlView(this)),
      m_conflicts(new ConflictList(this)),
      m_stack(new QStackedLayout),
      m_banner(new Banner(this))
{
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(0);
    column->addWidget(buildBar());
    auto* messages = new QVBoxLayout;
    messages->setContentsMargins(8, 0, 8, 0);
    messages->addWidget(m_banner);
    column->addLayout(messages);
    column->addWidget(m_conflicts);
    m_stack->addWidget(m_editor);
    m_stack->addWidget(m_diff);
    column->addLayout(m_stack, 1);
    std::set<std::string, std::less<>> practices;
    for (const auto& practice : manifests::practices())
        practices.emplace(practice.code);
    m_checker.setSwitchedOff(std::move(practices));
    m_editor->bind(&m_manifest->text());
    m_editor->setKnowledge(
        [this] { return EditorKnowledge{m_knowledge.kinds(), m_checker.surroundings(), m_manifest->id()}; });
    connectEdit();
    m_knowledge.setActive(true);
    if (item) {
        m_edit.load();
    } else {
        m_edit.setBase(newManifest(cluster.client().access().nameSpace));
        replaceText(m_edit.base());
    }
    refreshButtons();
}

YamlTab::~YamlTab()
{
    m_knowledge.setActive(false);
    delete m_editor; // before the text that it shows
}

void YamlTab::connectEdit()
{
    connect(m_manifest, &Manifest::changed, this, &YamlTab::changed);
    connect(m_manifest, &Manifest::changed, &m_checker, &ManifestChecker::schedule);
    connect(&m_checker, &ManifestChecker::checked, this, &YamlTab::checked);
    connect(m_conflicts, &ConflictList::decided, &m_edit, &ObjectEdit::decide);
    connect(&m_edit, &ObjectEdit::phaseChanged, this, &YamlTab::phaseChanged);
    connect(&m_edit, &ObjectEdit::gone, this, &YamlTab::sayGone);
    connect(&m_edit, &ObjectEdit::loaded, this, [this] {
        m_banner->hide();
        replaceText(m_edit.base());
    });
    connect(&m_edit, &ObjectEdit::failed, this,
            [this](const QString& what, const Error& error) { m_banner->showError(what, error); });
    connect(&m_edit, &ObjectEdit::applied, this, [this](const QString& sent, const QString& what) {
        m_banner->hide();
        if (text() == sent)
            replaceText(m_edit.base());
        emit applied(what);
    });
    connect(&m_session, &ManifestSession::failed, this,
            [this](const QString& what, const Error& error) { m_banner->showError(what, error); });
    connect(m_banner, &Banner::retry, this, [this] {
        if (isLoaded())
            apply();
        else
            m_edit.load();
    });
}

QWidget* YamlTab::buildBar()
{
    auto* bar = new QWidget(this);
    auto* row = new QHBoxLayout(bar);
    row->setContentsMargins(12, 6, 8, 6);
    row->setSpacing(8);
    m_state = new QLabel(bar);
    m_state->setForegroundRole(QPalette::PlaceholderText);
    m_reload = new QPushButton(icon(QStringLiteral("refresh")), tr("Reload"), bar);
    m_compare = new QPushButton(icon(QStringLiteral("diff")), tr("Compare"), bar);
    m_compare->setToolTip(tr("Compare with what is live (Ctrl+Alt+D)"));
    m_apply = new QPushButton(tr("Apply…"), bar);
    m_apply->setDefault(true);
    m_apply->setToolTip(tr("Let the server try it, and show what would change (Ctrl+Alt+S)"));
    row->addWidget(m_state, 1);
    row->addWidget(m_reload);
    row->addWidget(m_compare);
    row->addWidget(m_apply);
    connect(m_reload, &QPushButton::clicked, this, &YamlTab::reload);
    connect(m_compare, &QPushButton::clicked, this, [this] {
        if (isComparing())
            backToText();
        else
            showDiff();
    });
    connect(m_apply, &QPushButton::clicked, this, [this] {
        if (isComparing() && isProven())
            confirmApply();
        else
            apply();
    });
    return bar;
}

QString YamlTab::text() const
{
    return QString::fromStdString(std::as_const(*m_manifest).text().text());
}

void YamlTab::setText(const QString& text)
{
    m_manifest->text().setText(text.toStdString(), "Edit");
}

void YamlTab::replaceText(const QString& text)
{
    m_manifest->text().setText(text.toStdString(), "Reload");
    m_manifest->text().markClean();
    m_editor->goTo(0);
}

void YamlTab::discard()
{
    replaceText(m_edit.base());
}

void YamlTab::reload()
{
    if (isEdited() && QMessageBox::question(this, tr("Reload"),
                                            tr("The text has changes that are not applied. Reload it all the same?")) !=
                          QMessageBox::Yes)
        return;
    m_edit.load();
}

void YamlTab::changed()
{
    m_edit.forget(); // it was about another text
    refreshButtons();
}

void YamlTab::phaseChanged()
{
    using Phase = ObjectEdit::Phase;
    const auto phase = m_edit.phase();
    if (phase == Phase::Undecided || phase == Phase::Compared || phase == Phase::Proven) {
        m_diff->showDiff(m_edit.difference());
        m_stack->setCurrentWidget(m_diff);
        sayMoved();
    } else if (phase == Phase::Idle) {
        m_stack->setCurrentWidget(m_editor);
    }
    if (phase != Phase::Trying && phase != Phase::Applying)
        m_conflicts->show(isComparing() ? m_edit.conflicts() : std::vector<manifests::MergeConflict>(),
                          [this](const manifests::MergeConflict& conflict) { return m_edit.decisionOf(conflict); });
    m_conflicts->setEnabled(phase != Phase::Applying);
    refreshButtons();
}

void YamlTab::sayMoved()
{
    if (!m_edit.hasMoved())
        return;
    m_banner->showMessage(StatusRole::Waiting, tr("It has been changed since you opened it"),
                          m_edit.conflicts().empty()
                              ? tr("Below is what your changes do to it as it is now.")
                              : tr("Others changed these fields too: choose for each. The difference below follows."));
}

void YamlTab::sayGone()
{
    m_banner->showMessage(StatusRole::Error, tr("It has been deleted since you opened it"), tr("Your text is kept."));
    m_banner->offer(tr("Create it anew"), [this] {
        m_edit.recreate();
        apply();
    });
}

bool YamlTab::isComparing() const
{
    return m_stack->currentWidget() == m_diff;
}

void YamlTab::backToText()
{
    m_banner->hide();
    m_edit.forget();
    refreshButtons();
}

QString YamlTab::stateText() const
{
    using Phase = ObjectEdit::Phase;
    switch (m_edit.phase()) {
    case Phase::Trying:
        return tr("The server tries it…");
    case Phase::Undecided:
        return tr("Decide what to keep first.");
    case Phase::Compared:
        return m_edit.isChange() ? tr("This is what would change.") : tr("Nothing would change.");
    case Phase::Proven:
        return m_edit.isChange() ? tr("The server accepts it. This is what would change.")
                                 : tr("The server accepts it. Nothing would change.");
    case Phase::Applying:
        return tr("Applying…");
    case Phase::Idle:
        break;
    }
    if (!m_problems.empty())
        return tr("%n problems", nullptr, static_cast<int>(m_problems.size()));
    if (!isLoaded())
        return tr("Loading…");
    if (!m_checker.isSettled())
        return tr("Checking…");
    return m_edit.isNew() ? tr("New object, valid") : isEdited() ? tr("Edited, valid") : tr("As it was loaded");
}

void YamlTab::refreshButtons()
{
    using Phase = ObjectEdit::Phase;
    const auto phase = m_edit.phase();
    const bool isBusy = phase == Phase::Trying || phase == Phase::Applying;
    m_reload->setVisible(!m_edit.isNew());
    m_reload->setEnabled(!isBusy);
    m_compare->setVisible(!m_edit.isNew() || isComparing());
    m_compare->setText(isComparing() ? tr("Back to the text") : tr("Compare"));
    m_compare->setEnabled(isLoaded() && !isBusy);
    m_apply->setText(isComparing() && phase != Phase::Compared ? tr("Apply now") : tr("Apply…"));
    m_apply->setEnabled(isLoaded() && !isBusy && phase != Phase::Undecided && (m_edit.isNew() || isEdited()) &&
                        (phase != Phase::Proven || m_edit.isChange()));
    m_state->setText(stateText());
}

void YamlTab::checked()
{
    m_problems.clear();
    std::ranges::copy_if(m_checker.findings(), std::back_inserter(m_problems),
                         [](const Finding& finding) { return finding.what.severity != document::Severity::Hint; });
    m_editor->setFindings(m_problems);
    refreshButtons();
    emit problemsChanged();
}

std::optional<api::Value> YamlTab::value()
{
    auto object = std::as_const(*m_manifest).text().value(0);
    if (object)
        return *std::move(object);
    m_banner->showError(tr("The text cannot be read"), object.error());
    return std::nullopt;
}

void YamlTab::apply()
{
    m_banner->hide();
    if (auto object = value())
        m_edit.tryOut(text(), *std::move(object));
}

void YamlTab::confirmApply()
{
    m_edit.apply();
}

void YamlTab::showDiff()
{
    m_banner->hide();
    if (auto object = value())
        m_edit.compare(text(), *std::move(object));
}

} // namespace keelson::ui
