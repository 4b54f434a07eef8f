// SPDX-License-Identifier: GPL-3.0-or-later
#include "designer/designer.h"

#include "designer/form_panel.h"
#include "designer/ghost_watch.h"
#include "designer/live_watch.h"
#include "designer/palette_list.h"
#include "editor/manifest_editor.h"
#include "editor/manifests_page.h"
#include "models/read.h"
#include "widgets/empty_state.h"
#include "widgets/icons.h"

#include <QKeyEvent>
#include <QLabel>
#include <QMenu>
#include <QSplitter>
#include <QStackedLayout>
#include <QStandardPaths>
#include <QToolButton>
#include <QTreeWidget>
#include <QVBoxLayout>

#include <algorithm>

namespace keelson::ui {

using design::CardId;
using design::noCard;

namespace {

constexpr int ghostNodesShown = 8;
constexpr int formWidthMin = 264;
constexpr int formWidth = 320;
constexpr int paletteWidth = 204;
constexpr int widthForWords = 1000; ///< Below it the canvas needs the room of the palette's names.
constexpr qsizetype problemsShown = 3;

QString usualDataFolder()
{
    return QStandardPaths::writableLocation(QStandardPaths::AppDataLocation) + QStringLiteral("/layouts");
}

} // namespace

Designer::Designer(ManifestsPage& page, const QString& dataFolder)
    : QWidget(&page),
      m_page(page),
      m_model(new DesignModel(
          page.session(), dataFolder.isEmpty() ? usualDataFolder() : dataFolder, [&page] { return page.kinds(); },
          this)),
      m_view(new DesignView(*m_model, this)),
      m_palette(new PaletteList(this)),
      m_form(new FormPanel(*m_model, this)),
      m_empty(new EmptyState(this)),
      m_split(new QSplitter(this))
{
    m_palette->setKinds(page.kinds());
    m_split->addWidget(m_palette);
    m_split->addWidget(buildCanvas());
    m_split->setStretchFactor(1, 1);
    m_form->setMinimumWidth(formWidthMin);
    m_split->addWidget(m_form);
    m_split->setCollapsible(1, false);
    connect(m_split, &QSplitter::splitterMoved, this, [this] { m_isShared = true; });
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(0);
    column->addWidget(buildBar());
    column->addWidget(m_split, 1);
    connectView();
    connectPalette();
    connectCluster();
    connect(&page.checker(), &ManifestChecker::checked, this, [this] {
        m_model->refresh();
        refreshMarks();
    });
    connect(&page, &ManifestsPage::kindsChanged, this, [this] {
        m_palette->setKinds(m_page.kinds());
        m_model->setDefaultNameSpace(m_page.defaultNameSpace());
        m_model->readAgain();
    });
    connect(&page, &ManifestsPage::placeChanged, this, &Designer::placeChosen);
    connect(&page, &ManifestsPage::currentChanged, this, [this] {
        m_model->setTarget(m_page.current() ? m_page.current()->id() : 0);
        if (m_model->only() != 0)
            m_model->setOnly(m_page.current() ? m_page.current()->id() : 0);
    });
    m_model->setDefaultNameSpace(page.defaultNameSpace());
    m_model->setTarget(page.current() ? page.current()->id() : 0);
    refreshMarks();
    refreshEmpty();
    refreshButtons();
    setFocusProxy(m_view);
    page.setDesigner(this);
}

/// The canvas gets the most: where there is little room, the palette keeps its icons and the form what it needs.
void Designer::sharePanels()
{
    if (m_isShared)
        return;
    const bool isWide = width() >= widthForWords;
    const int palette = isWide ? paletteWidth : PaletteList::iconsWidth;
    const int form = isWide ? formWidth : formWidthMin;
    m_split->setSizes({palette, std::max(1, width() - palette - form), form});
}

QToolButton* Designer::button(const QString& iconName, const QString& text, const QString& tip,
                              std::function<void()> run)
{
    auto* made = new QToolButton(this);
    made->setIcon(icon(iconName));
    made->setText(text);
    made->setToolTip(tip);
    made->setAccessibleName(text);
    made->setAutoRaise(true);
    made->setToolButtonStyle(Qt::ToolButtonIconOnly);
    made->setFocusPolicy(Qt::TabFocus);
    if (run)
        connect(made, &QToolButton::clicked, this, std::move(run));
    return made;
}

QWidget* Designer::buildBar()
{
    auto* bar = new QWidget(this);
    auto* row = new QHBoxLayout(bar);
    row->setContentsMargins(10, 2, 12, 4);
    row->setSpacing(2);
    m_undo = button(QStringLiteral("undo"), tr("Undo"), tr("Undo (Ctrl+Z)"), [this] { m_model->undo(); });
    m_redo = button(QStringLiteral("redo"), tr("Redo"), tr("Redo (Ctrl+Y)"), [this] { m_model->redo(); });
    m_connect = button(QStringLiteral("connect"), tr("Connect"),
                       tr("Connect the selected card: then click one that is lit (C)"),
                       [this] { m_view->startConnecting(m_view->current()); });
    m_delete = button(QStringLiteral("delete"), tr("Delete"), tr("Delete what is selected (Del)"),
                      [this] { removeSelected(); });
    m_align = button(QStringLiteral("align"), tr("Align"), tr("Align the selected cards"), {});
    auto* alignMenu = new QMenu(m_align);
    fillAlignMenu(*alignMenu);
    m_align->setMenu(alignMenu);
    m_align->setPopupMode(QToolButton::InstantPopup);
    m_group = button(QStringLiteral("group"), tr("Group"), tr("Group the selected cards under a name (Ctrl+G)"),
                     [this] { m_view->groupSelected(); });
    auto* arrange =
        button(QStringLiteral("tree"), tr("Arrange"), tr("Arrange all cards (L)"), [this] { this->arrange(); });
    auto* add = button(QStringLiteral("template"), tr("Insert"), tr("Templates, and manifests from elsewhere"), {});
    add->setToolButtonStyle(Qt::ToolButtonTextBesideIcon);
    auto* addMenu = new QMenu(add);
    connect(addMenu, &QMenu::aboutToShow, this, [this, addMenu] {
        addMenu->clear();
        fillAddMenu(*addMenu);
    });
    add->setMenu(addMenu);
    add->setPopupMode(QToolButton::InstantPopup);
    for (auto* made : {add, m_undo, m_redo, m_connect, m_delete, m_align, m_group, arrange})
        row->addWidget(made);
    row->addStretch(1);
    m_count = new QLabel(bar);
    m_count->setForegroundRole(QPalette::PlaceholderText);
    row->addWidget(m_count);
    row->addSpacing(8);
    m_ghostButton = button(QStringLiteral("node"), tr("Ghost pods"),
                           tr("Show where the scheduler would put the pods now, and why not elsewhere"), {});
    m_ghostButton->setCheckable(true);
    m_ghostButton->setToolButtonStyle(Qt::ToolButtonTextBesideIcon);
    m_ghostButton->setEnabled(m_page.cluster() != nullptr);
    if (!m_page.cluster())
        m_ghostButton->setToolTip(tr("No cluster is connected"));
    connect(m_ghostButton, &QToolButton::toggled, this, &Designer::setGhosts);
    row->addWidget(m_ghostButton);
    m_only = button(QStringLiteral("yaml"), tr("This file only"), tr("Show the cards of the current file only"), {});
    m_only->setCheckable(true);
    m_only->setToolButtonStyle(Qt::ToolButtonTextBesideIcon);
    connect(m_only, &QToolButton::toggled, this, [this](bool isOn) {
        m_model->setOnly(isOn && m_page.current() ? m_page.current()->id() : 0);
        m_view->fit();
    });
    row->addWidget(m_only);
    row->addWidget(button(QStringLiteral("minus"), tr("Smaller"), tr("Smaller (-)"),
                          [this] { m_view->zoomBy(0.8, QPointF(m_view->width() / 2.0, m_view->height() / 2.0)); }));
    row->addWidget(button(QStringLiteral("plus"), tr("Larger"), tr("Larger (+)"),
                          [this] { m_view->zoomBy(1.25, QPointF(m_view->width() / 2.0, m_view->height() / 2.0)); }));
    row->addWidget(button(QStringLiteral("fit"), tr("Fit"), tr("Show everything (0)"), [this] { m_view->fit(); }));
    return bar;
}

void Designer::fillAlignMenu(QMenu& menu)
{
    const std::pair<QString, design::Alignment> ways[]{{tr("Left edges"), design::Alignment::Left},
                                                       {tr("Centres, one below the other"), design::Alignment::Centre},
                                                       {tr("Right edges"), design::Alignment::Right},
                                                       {tr("Top edges"), design::Alignment::Top},
                                                       {tr("Middles, side by side"), design::Alignment::Middle},
                                                       {tr("Bottom edges"), design::Alignment::Bottom}};
    for (const auto& [text, way] : ways)
        menu.addAction(text, this, [this, way] { m_model->align(m_view->selected(), way); });
}

QWidget* Designer::buildCanvas()
{
    auto* box = new QWidget(this);
    m_stack = new QStackedLayout(box);
    m_empty->set(QStringLiteral("designer"), tr("An empty canvas"),
                 tr("Drag a kind from the palette onto it, or choose one with Enter. Each card is a "
                    "document of the text."),
                 tr("Add a Deployment"));
    connect(m_empty, &EmptyState::activated, this, [this] { add(QStringLiteral("Deployment")); });
    m_stack->addWidget(m_view);
    m_stack->addWidget(m_empty);
    return box;
}

void Designer::connectView()
{
    connect(m_view, &DesignView::selectionChanged, this, &Designer::selected);
    connect(m_view, &DesignView::connectRequested, this, &Designer::offerRelations);
    connect(m_view, &DesignView::removeRequested, this, &Designer::removeSelected);
    connect(m_view, &DesignView::copyRequested, this, &Designer::copy);
    connect(m_view, &DesignView::cutRequested, this, &Designer::cut);
    connect(m_view, &DesignView::pasteRequested, this, &Designer::paste);
    connect(m_view, &DesignView::duplicateRequested, this, &Designer::duplicate);
    connect(m_view, &DesignView::menuRequested, this, &Designer::showMenu);
    connect(m_view, &DesignView::activated, this, [this] {
        m_form->tree()->setFocus();
        if (!m_form->tree()->currentItem())
            m_form->tree()->setCurrentItem(m_form->tree()->topLevelItem(0));
    });
    connect(m_form, &FormPanel::textRequested, this, [this](CardId id, const document::Path& path) {
        const auto* card = m_model->find(id);
        const auto* manifest = card ? m_page.session().find(card->manifest) : nullptr;
        if (!manifest)
            return;
        m_page.reveal(card->manifest, card->document);
        auto* editor = m_page.editor();
        if (!editor)
            return; // its lines are too long to be shown
        const auto tree = manifest->text().tree(card->document);
        auto whole = card->base;
        whole.insert(whole.end(), path.begin(), path.end());
        if (const auto node = tree->find(whole); node != document::noNode)
            editor->goTo(manifest->text().offsetOf(card->document) + tree->node(node).content.begin);
        editor->setFocus();
    });
    connect(m_model, &DesignModel::changed, this, [this] {
        refreshEmpty();
        refreshMarks();
        refreshButtons();
    });
    connect(m_model, &DesignModel::placesChanged, this, &Designer::refreshButtons);
}

void Designer::connectCluster()
{
    if (!m_page.cluster())
        return;
    m_live = new LiveWatch(*m_page.cluster(), *m_model, this);
    m_ghosts = new GhostWatch(*m_page.cluster(), *m_model, this);
    connect(m_live, &LiveWatch::changed, this, &Designer::refreshMarks);
    connect(m_ghosts, &GhostWatch::changed, this, &Designer::refreshMarks);
    connect(m_ghosts, &GhostWatch::failed, this, [this](const Error& error) {
        m_page.showError(tr("Where pods would go is not known: nodes and pods cannot be read"), error);
    });
    connect(&m_page, &ManifestsPage::applied, m_live, &LiveWatch::read);
}

bool Designer::isSettled() const
{
    return m_model->isSettled() && (!m_live || m_live->isSettled()) && (!m_ghosts || m_ghosts->isSettled());
}

void Designer::showEvent(QShowEvent* event)
{
    QWidget::showEvent(event);
    if (m_live)
        m_live->setActive(true);
    if (m_ghosts && m_ghostButton->isChecked())
        m_ghosts->setActive(true);
}

void Designer::hideEvent(QHideEvent* event)
{
    QWidget::hideEvent(event);
    if (m_live)
        m_live->setActive(false);
    if (m_ghosts)
        m_ghosts->setActive(false);
}

void Designer::resizeEvent(QResizeEvent* event)
{
    QWidget::resizeEvent(event);
    sharePanels();
}

void Designer::connectPalette()
{
    connect(m_palette, &PaletteList::chosen, this, &Designer::add);
    connect(m_palette, &PaletteList::dragged, this, &Designer::dragIn);
    connect(m_palette, &PaletteList::dropped, this, &Designer::dropIn);
    connect(m_palette, &PaletteList::dragCancelled, this, [this] {
        m_view->setGhost({}, {});
        refreshEmpty();
    });
}

void Designer::selected()
{
    refreshButtons();
    refreshForm();
    if (m_view->selected().size() != 1)
        return;
    const auto* card = m_model->find(*m_view->selected().begin());
    const auto* manifest = card ? m_page.session().find(card->manifest) : nullptr;
    if (!manifest || card->document >= manifest->text().documents())
        return;
    m_isFollowing = true;
    m_page.reveal(card->manifest, card->document, card->base);
    m_isFollowing = false;
}

void Designer::placeChosen(quint64 manifest, std::size_t document)
{
    // Follows the cursor while somebody writes; not what the canvas itself brings about.
    if (m_isFollowing || !m_page.editor() || !m_page.editor()->hasFocus())
        return;
    const auto& text = m_page.session().find(manifest)->text();
    const auto* card = m_model->cardAt(manifest, document, m_page.editor()->cursor() - text.offsetOf(document));
    if (!card || !card->isShown())
        return;
    m_view->select({card->id}, false);
    refreshButtons();
    refreshForm();
}

/// The card that a finding is about; null when its text has changed since.
const design::Card* Designer::cardOf(const Finding& finding) const
{
    const auto* card = m_model->cardAt(finding.manifest, finding.document, finding.what.span.begin);
    return card && card->revision == finding.revision ? card : nullptr;
}

void Designer::refreshMarks()
{
    QHash<CardId, CardMark> marks;
    for (const auto& finding : m_page.checker().findings()) {
        const auto* card = cardOf(finding);
        if (!card || finding.what.severity == document::Severity::Hint)
            continue;
        auto& mark = marks[card->id];
        if (mark.problem.isEmpty() || (finding.isError() && mark.errors == 0))
            mark.problem = toText(finding.what.message);
        ++(finding.isError() ? mark.errors : mark.warnings);
    }
    for (const auto& card : m_model->cards())
        if (card.isShown() && m_live)
            addLive(marks[card.id], card.id);
    m_view->setMarks(std::move(marks));
    refreshForm();
}

void Designer::addLive(CardMark& mark, CardId card) const
{
    const auto live = m_live->states().value(card);
    mark.liveRole = live.role;
    mark.liveWord = live.word;
    mark.liveDetail = live.detail;
    const auto plan = m_ghosts->plans().constFind(card);
    if (plan == m_ghosts->plans().constEnd())
        return;
    for (const auto& group : plan->placed)
        mark.ghosts << (group.pods > 1 ? tr("%1 × %2").arg(toText(group.node)).arg(group.pods) : toText(group.node));
    mark.ghostRefusal = toText(plan->refusal);
    for (const auto& node : plan->nodes) {
        QStringList reasons;
        for (const auto& reason : node.reasons)
            reasons << toText(reason);
        if (mark.ghostDetails.size() < ghostNodesShown)
            mark.ghostDetails << (node.isFree
                                      ? tr("%1: would fit, score %2").arg(toText(node.node)).arg(node.score)
                                      : tr("%1: %2").arg(toText(node.node), reasons.join(QStringLiteral(", "))));
    }
}

void Designer::refreshForm()
{
    const auto& cards = m_view->selected();
    m_form->setCount(static_cast<int>(cards.size()));
    m_form->setCard(cards.size() == 1 ? *cards.begin() : noCard);
    QStringList problems;
    const auto* card = cards.size() == 1 ? m_model->find(*cards.begin()) : nullptr;
    if (card && !card->isEditable())
        problems << tr("The text has an error, and is shown as it was before it: %1").arg(toText(card->problem));
    for (const auto& finding : m_page.checker().findings())
        if (card && card == cardOf(finding) && finding.what.severity != document::Severity::Hint &&
            problems.size() < problemsShown)
            problems << toText(finding.what.message);
    m_form->setProblems(problems);
}

void Designer::refreshButtons()
{
    m_undo->setEnabled(m_model->canUndo());
    m_redo->setEnabled(m_model->canRedo());
    m_connect->setEnabled(m_view->selected().size() == 1);
    m_delete->setEnabled(!m_view->selected().empty() || m_view->selectedRelation());
    m_align->setEnabled(m_view->selected().size() > 1);
    m_group->setEnabled(m_view->selected().size() > 1);
    m_only->setVisible(m_page.session().manifests().size() > 1);
    const auto shown = std::ranges::count_if(m_model->cards(), &design::Card::isShown);
    m_count->setText(m_view->selected().size() > 1
                         ? tr("%n selected", nullptr, static_cast<int>(m_view->selected().size()))
                         : tr("%n objects", nullptr, static_cast<int>(shown)));
}

void Designer::refreshEmpty()
{
    m_stack->setCurrentWidget(m_model->isEmpty() ? static_cast<QWidget*>(m_empty) : m_view);
}

bool Designer::event(QEvent* event)
{
    // Where nothing is selected to paste over, the canvas takes the clipboard all the same.
    if (event->type() == QEvent::KeyPress && static_cast<QKeyEvent*>(event)->matches(QKeySequence::Paste)) {
        paste();
        return true;
    }
    return QWidget::event(event);
}

} // namespace keelson::ui
