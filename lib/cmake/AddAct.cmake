# Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

# Links a target against MLIR and LLVM. The one place where their libraries are
# named: the shared ones, or with ACT_STATIC_MLIR the archives. Never both, which
# would bring a second copy of every type id into the process.
function(act_link_mlir target)
  if(ACT_STATIC_MLIR)
    # Some of them are shared libraries, or bring libMLIR.so: the runners'.
    get_property(libraries GLOBAL PROPERTY MLIR_ALL_LIBS)
    list(FILTER libraries EXCLUDE REGEX "Test|CAPI")
    foreach(library ${libraries})
      get_target_property(type ${library} TYPE)
      get_target_property(needed ${library} INTERFACE_LINK_LIBRARIES)
      if(type STREQUAL STATIC_LIBRARY AND NOT MLIR IN_LIST needed)
        target_link_libraries(${target} PUBLIC ${library})
      endif()
    endforeach()
    target_link_libraries(${target} PUBLIC LLVM)
  else()
    target_link_libraries(${target} PUBLIC MLIR LLVM)
  endif()
endfunction()

# Compile options that every C++ target of the project has.
function(act_compile_options target)
  target_compile_options(${target} PRIVATE
    $<$<COMPILE_LANGUAGE:CXX>:-fno-exceptions -fvisibility-inlines-hidden>
    -Wall -Wextra -Wno-unused-parameter -ffp-contract=off)
  if(NOT LLVM_ENABLE_RTTI)
    target_compile_options(${target} PRIVATE
      $<$<COMPILE_LANGUAGE:CXX>:-fno-rtti>)
  endif()
endfunction()

# act_add_library(name sources... [DEPENDS targets...] [LINK libraries...])
function(act_add_library name)
  cmake_parse_arguments(ARG "" "" "DEPENDS;LINK" ${ARGN})
  add_library(${name} STATIC ${ARG_UNPARSED_ARGUMENTS})
  act_compile_options(${name})
  if(ARG_DEPENDS)
    add_dependencies(${name} ${ARG_DEPENDS})
  endif()
  if(ARG_LINK)
    target_link_libraries(${name} PUBLIC ${ARG_LINK})
  endif()
  # The build tree's headers come by include_directories, an installed
  # library's by this.
  target_include_directories(${name} INTERFACE
    $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/include>
    $<BUILD_INTERFACE:${PROJECT_BINARY_DIR}/include>
    $<INSTALL_INTERFACE:include>)
  act_export(${name})
endfunction()

# Installs a library as Act::<name without "Act">.
function(act_export name)
  string(REGEX REPLACE "^Act" "" short ${name})
  set_target_properties(${name} PROPERTIES EXPORT_NAME ${short})
  add_library(Act::${short} ALIAS ${name})
  install(TARGETS ${name} EXPORT ActTargets ARCHIVE DESTINATION lib)
endfunction()

# act_add_tool(name sources... [LINK libraries...])
function(act_add_tool name)
  cmake_parse_arguments(ARG "" "" "LINK" ${ARGN})
  add_executable(${name} ${ARG_UNPARSED_ARGUMENTS})
  act_compile_options(${name})
  target_link_libraries(${name} PRIVATE ${ARG_LINK})
  act_link_mlir(${name})
  install(TARGETS ${name} RUNTIME DESTINATION bin)
endfunction()
