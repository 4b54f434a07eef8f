// SPDX-License-Identifier: GPL-3.0-or-later
#include "editor/manifests_page.h"

#include "editor/apply_panel.h"
#include "editor/cluster_knowledge.h"
#include "editor/file_list.h"
#include "editor/find_bar.h"
#include "editor/journal_writer.h"
#include "editor/long_line_pane.h"
#include "editor/manifest_editor.h"
#include "editor/outline_panel.h"
#include "editor/problems_panel.h"
#include "models/read.h"
#include "widgets/banner.h"
#include "widgets/empty_state.h"
#include "widgets/folding_bar.h"
#include "widgets/icons.h"
#include "widgets/page_title.h"

#include <QLabel>
#include <QSettings>
#include <QSplitter>
#include <QStackedWidget>
#include <QToolButton>
#include <QVBoxLayout>

#include <algorithm>

namespace keelson::ui {

namespace {

const auto hintsKey = QStringLiteral("manifests/hintsOff");

std::set<std::string, std::less<>> hintsOff()
{
    std::set<std::string, std::less<>> off;
    for (const auto& code : QSettings().value(hintsKey).toStringList())
        off.insert(code.toStdString());
    return off;
}

QLabel* heading(const QString& text, QWidget* parent)
{
    auto* label = new QLabel(text, parent);
    auto font = label->font();
    font.setPointSizeF(font.pointSizeF() * 0.86);
    font.setBold(true);
    label->setFont(font);
    label->setForegroundRole(QPalette::PlaceholderText);
    label->setContentsMargins(14, 8, 8, 4);
    return label;
}

document::Path joined(document::Path place, const document::Path& rest)
{
    place.insert(place.end(), rest.begin(), rest.end());
    return place;
}

} // namespace

ManifestsPage::ManifestsPage(Cluster* cluster, const Clock& clock, const QString& recoveryFolder, QWidget* parent)
    : QWidget(parent),
      m_cluster(cluster),
      m_session(std::make_unique<ManifestSession>(
          recoveryFolder.isEmpty() ? ManifestSession::usualRecoveryFolder() : recoveryFolder, clock)),
      m_banner(new Banner(this)),
      m_files(new FileList(this)),
      m_outline(new OutlinePanel(this)),
      m_stack(new QStackedWidget(this)),
      m_editors(new QStackedWidget(this)),
      m_longLine(new LongLinePane(m_editors)),
      m_find(new FindBar(this)),
      m_problems(new ProblemsPanel(this)),
      m_place(new QLabel(this)),
      m_kindsLabel(new QLabel(this))
{
    if (cluster) {
        m_knowledge = &ClusterKnowledge::of(*cluster);
        m_apply = new ApplyPanel(*cluster, this);
    }
    m_checker = new ManifestChecker(*m_session, m_knowledge, this);
    m_checker->setSwitchedOff(hintsOff());
    m_problems->setSwitchedOff(hintsOff());
    setAcceptDrops(true);
    auto* split = new QSplitter(this);
    m_side = buildSide();
    split->addWidget(m_side);
    split->addWidget(buildMiddle());
    split->setStretchFactor(1, 1);
    split->setSizes({230, 900});
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(0);
    column->addWidget(buildBar());
    auto* bannerBox = new QVBoxLayout;
    bannerBox->setContentsMargins(14, 0, 14, 0);
    bannerBox->addWidget(m_banner);
    column->addLayout(bannerBox);
    column->addWidget(split, 1);
    connectSession();
    connectPanes();
    showManifest(nullptr);
}

ManifestsPage::~ManifestsPage()
{
    if (m_knowledge && std::exchange(m_isActive, false))
        m_knowledge->setActive(false);
    delete std::exchange(m_designer, nullptr);
    // The editors and the checker look at the session's texts.
    qDeleteAll(m_editorOf);
    delete m_checker;
}

QToolButton* ManifestsPage::button(const QString& iconName, const QString& text, const QString& tip,
                                   std::function<void()> run)
{
    auto* made = new QToolButton(this);
    made->setIcon(icon(iconName));
    made->setText(text);
    made->setToolTip(tip);
    made->setWhatsThis(tip);
    made->setAutoRaise(true);
    made->setToolButtonStyle(Qt::ToolButtonTextBesideIcon);
    made->setFocusPolicy(Qt::TabFocus);
    connect(made, &QToolButton::clicked, this, std::move(run));
    return made;
}

QWidget* ManifestsPage::buildBar()
{
    auto* bar = new FoldingBar(this);
    auto* row = new QHBoxLayout(bar);
    row->setContentsMargins(20, 15, 12, 9);
    row->setSpacing(4);
    m_title = new PageTitle(tr("Manifests"), bar);
    m_title->setContentsMargins(0, 0, 14, 0);
    row->addWidget(m_title);
    if (!m_cluster)
        row->addWidget(button("cluster", tr("Clusters"), tr("Back to where a cluster is chosen"),
                              [this] { emit backRequested(); }));
    auto* made = button("plus", tr("New"), tr("A new manifest (Ctrl+Alt+N)"), [this] { create(); });
    auto* file = button("open", tr("Open…"), tr("Open files (Ctrl+Alt+O)"), [this] { chooseFile(); });
    auto* folder = button("folder", tr("Open folder…"), tr("Open all manifests of a folder (Ctrl+Shift+O)"),
                          [this] { chooseFolder(); });
    m_saveButton = button("save", tr("Save"), tr("Save (Ctrl+S)"), [this] { save(); });
    m_findButton = button("search", tr("Find"), tr("Find (Ctrl+F), replace (Ctrl+H)"), [this] { find(false); });
    for (auto* one : {made, file, folder, m_saveButton, m_findButton})
        row->addWidget(one);
    row->addStretch(1);
    m_designButton = button("designer", tr("Canvas"), tr("Show the manifests as cards on a canvas, with their text"),
                            [this] { emit designingRequested(m_designButton->isChecked()); });
    m_designButton->setCheckable(true);
    row->addWidget(m_designButton);
    m_compareButton =
        button("diff", tr("Compare"), tr("Compare with what is live (Ctrl+Alt+D)"), [this] { compare(); });
    m_applyButton =
        button("check", tr("Apply…"), tr("Let the server try this file, and show what would change (Ctrl+Alt+S)"),
               [this] { apply(); });
    m_applyAllButton = button("check", tr("Apply all…"),
                              tr("The same for all open files, in the order of their needs (Ctrl+Shift+Alt+S)"),
                              [this] { applyAll(); });
    for (auto* one : {m_compareButton, m_applyButton, m_applyAllButton})
        row->addWidget(one);
    for (auto* one : {m_findButton, m_saveButton, folder, file, made, m_compareButton, m_designButton})
        bar->foldWords(one);
    return bar;
}

QWidget* ManifestsPage::buildSide()
{
    auto* side = new QSplitter(Qt::Vertical, this);
    const auto section = [&](const QString& title, QWidget* content) {
        auto* box = new QWidget(side);
        auto* column = new QVBoxLayout(box);
        column->setContentsMargins(0, 0, 0, 0);
        column->setSpacing(0);
        column->addWidget(heading(title, box));
        column->addWidget(content, 1);
        side->addWidget(box);
    };
    section(tr("FILES"), m_files);
    section(tr("OUTLINE"), m_outline);
    side->setSizes({200, 400});
    connect(m_files, &FileList::chosen, this, [this](quint64 id) { showManifest(m_session->find(id)); });
    m_files->setContextMenuPolicy(Qt::CustomContextMenu);
    connect(m_files, &FileList::customContextMenuRequested, this, &ManifestsPage::showFileMenu);
    connect(m_outline, &OutlinePanel::placeRequested, this, [this](std::size_t offset) {
        if (auto* shown = editor()) {
            backToText();
            shown->goTo(offset);
        }
    });
    return side;
}

QWidget* ManifestsPage::buildMiddle()
{
    auto* empty = new EmptyState(this);
    empty->set(QStringLiteral("yaml"), tr("No manifest is open"),
               tr("Open a file or a folder, drop one here, or begin with a new one. What you write is kept, even when "
                  "the program ends before you have saved it."),
               tr("New manifest"));
    connect(empty, &EmptyState::activated, this, &ManifestsPage::create);
    m_empty = empty;
    m_text = new QWidget(this);
    auto* column = new QVBoxLayout(m_text);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(0);
    column->addWidget(m_find);
    column->addWidget(m_editors, 1);
    m_editors->addWidget(m_longLine);
    connect(m_longLine, &LongLinePane::done, this, [this](Manifest* manifest) {
        m_banner->hide();
        m_isShownAsItIs.insert(manifest->id());
        showManifest(manifest);
    });
    auto* status = new QHBoxLayout;
    status->setContentsMargins(14, 3, 14, 3);
    status->addWidget(m_place, 1);
    status->addWidget(m_kindsLabel);
    for (auto* label : {m_place, m_kindsLabel})
        label->setForegroundRole(QPalette::PlaceholderText);
    column->addLayout(status);
    m_vertical = new QSplitter(Qt::Vertical, this);
    m_vertical->addWidget(m_text);
    m_vertical->addWidget(m_problems);
    m_vertical->setStretchFactor(0, 1);
    m_vertical->setSizes({600, 150});
    m_textPane = m_vertical;
    connect(m_vertical, &QSplitter::splitterMoved, this, [this] { m_isShared = m_isShared || m_isDesigning; });
    m_stack->addWidget(m_empty);
    m_stack->addWidget(m_textPane);
    if (m_apply)
        m_stack->addWidget(m_apply);
    return m_stack;
}

void ManifestsPage::connectSession()
{
    auto* session = m_session.get();
    connect(session, &ManifestSession::added, this, [this](Manifest* manifest) {
        m_files->add(*manifest);
        connect(manifest, &Manifest::stateChanged, this, [this, manifest] {
            refreshFile(manifest);
            showOutOfDate(manifest);
        });
    });
    connect(session, &ManifestSession::opened, this, &ManifestsPage::showManifest);
    connect(session, &ManifestSession::removed, this, [this](quint64 id) {
        if (m_current && m_current->id() == id)
            m_current = nullptr;
        m_files->remove(id);
        m_isShownAsItIs.erase(id);
        delete m_editorOf.take(id);
        showManifest(m_session->manifests().value(0));
    });
    connect(session, &ManifestSession::saved, this, [this](Manifest* manifest) {
        refreshFile(manifest);
        m_banner->hide();
    });
    connect(session, &ManifestSession::failed, this,
            [this](const QString& what, const Error& error, Manifest* manifest) {
                m_banner->showError(what, error);
                m_banner->setRetryVisible(false);
                if (manifest && error.reason == Reason::Forbidden)
                    m_banner->offer(tr("Save as…"), [this] { saveAs(); });
                if (manifest && error.reason == Reason::Conflict)
                    showOutOfDate(manifest);
            });
    connect(session, &ManifestSession::keptAgain, this,
            [this] { m_banner->showMessage(StatusRole::Ok, tr("Copies of the unsaved texts are written again"), {}); });
    connect(session, &ManifestSession::recovered, this, [this](int count) {
        m_banner->showMessage(StatusRole::Progress, tr("%n unsaved texts were recovered", nullptr, count),
                              tr("An earlier session ended before they were saved. Save them, or close them."));
    });
    connect(session, &ManifestSession::applyFound, this, &ManifestsPage::offerToResume);
}

void ManifestsPage::connectPanes()
{
    connect(m_checker, &ManifestChecker::checked, this, &ManifestsPage::refreshFindings);
    connect(m_stack, &QStackedWidget::currentChanged, this, &ManifestsPage::refreshSide);
    connect(m_problems, &ProblemsPanel::activated, this, [this](const Finding& finding) {
        showManifest(m_session->find(finding.manifest));
        if (const auto offset = m_checker->offsetOf(finding); offset && editor())
            editor()->goTo(*offset);
    });
    connect(m_problems, &ProblemsPanel::cureChosen, this, [this](const Finding& finding, const document::Cure& cure) {
        showManifest(m_session->find(finding.manifest));
        if (auto* shown = editor())
            shown->carryOut(finding, cure);
    });
    connect(m_problems, &ProblemsPanel::switchedOffChanged, this,
            [this](const std::set<std::string, std::less<>>& off) {
                QStringList codes;
                for (const auto& code : off)
                    codes << toText(code);
                QSettings().setValue(hintsKey, codes);
                m_checker->setSwitchedOff(off);
            });
    connect(m_find, &FindBar::closed, this, [this] {
        m_find->hide();
        if (auto* shown = editor()) {
            shown->markMatches({});
            shown->setFocus();
        }
    });
    if (m_apply) {
        connect(m_apply, &ApplyPanel::closed, this, &ManifestsPage::backToText);
        auto& journal = m_apply->runner().journal();
        journal.setFile([this] { return m_session->applyJournal(); });
        connect(&journal, &JournalWriter::failed, this, [this](const Error& error) {
            m_banner->showError(tr("Should Keelson end in the middle of this apply, it cannot be undone"), error);
            m_banner->setRetryVisible(false);
        });
        m_apply->setPlaceWords([this](const ApplySource& source, const document::Path& path) {
            return placeWords(source.manifest, source.document, joined(source.place, path));
        });
        connect(m_apply, &ApplyPanel::placeRequested, this,
                [this](const ApplySource& source, const document::Path& path) {
                    goTo(source.manifest, source.document, joined(source.place, path));
                });
        connect(m_apply, &ApplyPanel::applied, this, [this](const QString& summary) {
            m_knowledge->refresh();
            emit applied(summary);
        });
    }
    m_kindsLabel->setText(tr("Kinds: those compiled in"));
    if (!m_knowledge)
        return;
    const auto sayKinds = [this] {
        if (m_knowledge->kinds().hasCluster())
            m_kindsLabel->setText(
                tr("Kinds: %n of the cluster", nullptr, static_cast<int>(m_knowledge->kinds().all().size())));
    };
    sayKinds();
    connect(m_knowledge, &ClusterKnowledge::kindsChanged, this, sayKinds);
    connect(m_knowledge, &ClusterKnowledge::kindsChanged, this, &ManifestsPage::kindsChanged);
    connect(m_knowledge, &ClusterKnowledge::failed, this, [this](const Error& error) {
        m_kindsLabel->setText(tr("Kinds: those compiled in"));
        m_kindsLabel->setToolTip(tr("The cluster does not tell its own: %1").arg(toText(error.message)));
    });
}

ManifestEditor* ManifestsPage::editor() const
{
    return m_current ? m_editorOf.value(m_current->id()) : nullptr;
}

ManifestEditor* ManifestsPage::editorOf(Manifest* manifest)
{
    if (auto* known = m_editorOf.value(manifest->id()))
        return known;
    if (!m_isShownAsItIs.contains(manifest->id()) &&
        LongLinePane::longestLine(manifest->text().text()) > LongLinePane::bytesMax)
        return nullptr;
    auto* made = new ManifestEditor(m_editors);
    m_editorOf.insert(manifest->id(), made);
    made->setAccessibleName(tr("Text of %1").arg(manifest->name()));
    made->bind(&manifest->text());
    made->setKnowledge([this, id = manifest->id()] { return EditorKnowledge{kinds(), m_checker->surroundings(), id}; });
    connect(made, &ManifestEditor::cursorMoved, this, &ManifestsPage::refreshPlace);
    connect(made, &ManifestEditor::cureFailed, this, [this](const Error& error) {
        m_banner->showError(tr("It was not mended"), error);
        m_banner->setRetryVisible(false);
    });
    m_editors->addWidget(made);
    return made;
}

void ManifestsPage::offerToBreak(Manifest* manifest)
{
    m_longLine->offer(*manifest);
    m_editors->setCurrentWidget(m_longLine);
    m_banner->showMessage(StatusRole::Waiting, tr("%1 is open, but not shown").arg(manifest->name()),
                          tr("It can be applied, compared, saved and seen on the canvas as it is."));
    m_banner->setRetryVisible(false);
    m_banner->offer(tr("Show it all the same"), [this, id = manifest->id()] {
        m_banner->hide();
        m_isShownAsItIs.insert(id);
        if (m_current && m_current->id() == id)
            showManifest(m_current);
    });
}

void ManifestsPage::showManifest(Manifest* manifest)
{
    m_current = manifest;
    refreshSide();
    m_text->setVisible(manifest != nullptr);
    emit currentChanged();
    if (!manifest) {
        m_stack->setCurrentWidget(m_isDesigning ? m_textPane : m_empty);
        m_find->setEditor(nullptr);
        refreshButtons();
        return;
    }
    auto* shown = editorOf(manifest);
    if (shown)
        m_editors->setCurrentWidget(shown);
    else
        offerToBreak(manifest);
    m_stack->setCurrentWidget(m_textPane);
    m_find->setEditor(shown);
    m_files->setCurrent(manifest->id());
    refreshFindings();
    refreshPlace();
    refreshButtons();
    showOutOfDate(manifest);
    if (shown && !m_files->hasFocus() && !m_isDesigning)
        shown->setFocus();
}

void ManifestsPage::refreshSide()
{
    const bool isApplying = m_apply && m_stack->currentWidget() == m_apply; // it needs the room for itself
    m_side->setVisible(m_current && !m_isDesigning && !isApplying);
}

void ManifestsPage::refreshFile(Manifest* manifest)
{
    m_files->refresh(*manifest);
    refreshButtons();
}

void ManifestsPage::showOutOfDate(Manifest* manifest)
{
    if (manifest != m_current || !manifest->isOutOfDate())
        return;
    m_banner->showMessage(
        StatusRole::Error, tr("%1 was changed on the disk by another program").arg(manifest->name()),
        tr("Your text is kept here. Taking the text of the disk can be undone; saving over it cannot."));
    m_banner->setRetryVisible(false);
    const auto with = [this, id = manifest->id()](void (ManifestSession::*run)(Manifest*)) {
        return [this, id, run] {
            if (auto* known = m_session->find(id)) {
                m_banner->hide();
                (m_session.get()->*run)(known);
            }
        };
    };
    m_banner->offer(tr("Take the disk's"), with(&ManifestSession::reload));
    m_banner->offer(tr("Save mine over it"), with(&ManifestSession::saveOver));
    m_banner->offer(tr("Save as…"), [this] { saveAs(); });
}

void ManifestsPage::refreshFindings()
{
    m_problems->setFindings(m_checker->findings(), *m_session);
    std::map<quint64, FindingCounts> counts;
    for (const auto& finding : m_checker->findings())
        if (finding.what.severity != document::Severity::Hint) // hints ask for nothing
            counts[finding.manifest].add(finding.what.severity);
    m_files->setFindings(std::move(counts));
    if (auto* shown = editor()) {
        std::vector<Finding> own;
        std::ranges::copy_if(m_checker->findings(), std::back_inserter(own),
                             [this](const Finding& finding) { return finding.manifest == m_current->id(); });
        shown->setFindings(std::move(own));
    }
    refreshOutline();
}

void ManifestsPage::refreshOutline()
{
    std::map<std::size_t, int> errors;
    for (const auto& finding : m_checker->findings())
        if (m_current && finding.manifest == m_current->id() && finding.isError())
            ++errors[finding.document];
    m_outline->setManifest(m_current, errors);
    refreshPlace();
}

void ManifestsPage::refreshPlace()
{
    const auto* shown = editor();
    if (!shown)
        return;
    int line = 0;
    int column = 0;
    shown->getCursorPosition(&line, &column);
    m_place->setText(tr("Line %1, column %2  ·  %3")
                         .arg(line + 1)
                         .arg(column + 1)
                         .arg(toText(document::encodingName(m_current->file().encoding()))));
    m_outline->setCursor(shown->cursor());
    emit placeChanged(m_current->id(), m_current->text().documentAt(shown->cursor()));
}

void ManifestsPage::refreshButtons()
{
    const bool isOpen = m_current != nullptr;
    m_saveButton->setEnabled(isOpen);
    m_findButton->setEnabled(isOpen);
    m_designButton->setVisible(m_designer != nullptr || isOpen);
    m_applyAllButton->setVisible(m_session->manifests().size() > 1);
    const auto why = !m_cluster ? tr("No cluster is connected") : !isOpen ? tr("No manifest is open") : QString();
    for (auto* each : {m_compareButton, m_applyButton, m_applyAllButton}) {
        each->setEnabled(why.isEmpty());
        each->setToolTip(why.isEmpty() ? each->whatsThis() : why);
    }
}

QString ManifestsPage::notice() const
{
    return m_banner->isHidden() ? QString() : m_banner->text();
}

bool ManifestsPage::isSettled() const
{
    const bool isApplying = m_apply && (m_apply->runner().phase() == ApplyRunner::Phase::Trying ||
                                        m_apply->runner().phase() == ApplyRunner::Phase::Applying ||
                                        m_apply->runner().phase() == ApplyRunner::Phase::Undoing);
    return !m_isReading && !m_session->isBusy() && m_checker->isSettled() &&
           (!m_knowledge || m_knowledge->isSettled()) && !isApplying;
}

} // namespace keelson::ui
